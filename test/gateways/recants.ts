import { randomBytes } from 'node:crypto';
import { pollUntil } from '../../src/database/embedded-postgres/polling.js';
import { ApiClient } from '../support/api-client.js';
import { cloneDatabase, type TestDatabase } from '../support/database.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { testVariables } from '../support/environment.js';
import { aPassword, aUsername, claimsOf } from '../support/given.js';
import { ServiceProcess } from '../support/process.js';
import { type Pair, pairsIn } from '../support/tokens.js';

/** Two instances of the built service on one database, which people use over HTTP as they would. */
export class Recants {
  private constructor(
    /** The one that the gateway asks. */
    readonly asked: ApiClient,
    readonly other: ApiClient,
    private readonly processes: ServiceProcess[],
    private readonly database: TestDatabase,
  ) {}

  static async start(): Promise<Recants> {
    const database = await cloneDatabase();
    const ENCRYPTION_SECRET = randomBytes(32).toString('base64');
    const changes = { DATABASE_URL: database.url, ENCRYPTION_SECRET, AUDIENCE: 'recant,orders', LOG_LEVEL: 'info' };
    const variables = testVariables(changes);
    const processes = [new ServiceProcess(variables), new ServiceProcess(variables)];
    const urls = await Promise.all(processes.map((process) => process.listening()));
    const [asked, other] = await Promise.all(urls.map((url) => ApiClient.for(url)));
    return new Recants(asked!, other!, processes, database);
  }

  async aUser(resource?: string): Promise<Pair & { id: string; username: string }> {
    const json = { username: aUsername(), password: aPassword, ...(resource && { resource }) };
    const pair = pairsIn(await this.asked.post('/registration', { json }))[0]!;
    return { ...pair, id: claimsOf(pair.access).sub, username: json.username };
  }

  /** Given roles in the database: over HTTP only an administrator could. A refresh brings them home. */
  async withRoles({ id, refresh }: Pair & { id: string }, roles: string): Promise<string> {
    await this.database.run('UPDATE users SET roles = $1 WHERE id = $2', [roles, id]);
    return pairsIn(await this.asked.post('/token/refresh', { token: refresh }))[0]!.access;
  }

  async aClient(scope: string): Promise<{ id: string; access: string }> {
    const token = await this.withRoles(await this.aUser(), '{admin}');
    const { body } = await this.asked.post('/clients', { token, json: { client_name: 'a client', scope } });
    const form = { grant_type: 'client_credentials', client_id: body.client_id, client_secret: body.client_secret };
    const answer = await this.asked.post('/oauth/token', { form });
    return { id: body.client_id, access: answer.body.access_token };
  }

  /** Does something while the asked one can neither know from memory nor ask its database. */
  async withoutDatabase<T>(token: string, act: () => Promise<T>): Promise<T> {
    const answers = async (expected: number): Promise<void> => {
      const isThere = async (): Promise<true | undefined> =>
        (await this.asked.get('/forward-auth', { token })).status === expected || undefined;
      if (await pollUntil(isThere, { everyMs: 20, timeoutMs: 15_000 })) return;
      throw new Error(`Recant did not come to answer ${expected}`);
    };
    const faults = new DatabaseFaults(this.database);
    await faults.goAway();
    try {
      await answers(503);
      return await act();
    } finally {
      await faults.comeBack();
      await answers(200);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.end()));
    await this.database.drop();
  }
}
