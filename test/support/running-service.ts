import { type Answer, ApiClient } from './api-client.js';
import { type TestDatabase } from './database.js';
import { testVariables } from './environment.js';
import { aPassword, aUsername } from './given.js';
import { type ClientAccount } from './given-clients.js';
import { type LoadAccounts } from './load.js';
import { ServiceProcess } from './process.js';
import { type Pair } from './tokens.js';

const ADMIN_USERNAME = 'root';

/** The built service in a process of its own on a database, and accounts in it that were made over HTTP. */
export class RunningService {
  private constructor(
    readonly process: ServiceProcess,
    readonly api: ApiClient,
  ) {}

  static async on({ url }: Pick<TestDatabase, 'url'>, changes: Record<string, string> = {}): Promise<RunningService> {
    const admin = { ADMIN_USERNAME, ADMIN_PASSWORD: aPassword };
    // At this level it says where it listens.
    const variables = testVariables({ LOG_LEVEL: 'info', DATABASE_URL: url, ...admin, ...changes });
    const process = new ServiceProcess(variables);
    return new RunningService(process, await ApiClient.for(await process.listening()));
  }

  get url(): string {
    return this.api.url;
  }

  async aUser(): Promise<Pair & { username: string; password: string }> {
    const [username, password] = [aUsername(), aPassword];
    const { body } = made(await this.api.post('/registration', { json: { username, password } }));
    return { username, password, access: body.access_token, refresh: body.refresh_token };
  }

  async aClient(scope: string): Promise<ClientAccount> {
    const json = { username: ADMIN_USERNAME, password: aPassword };
    const token = (await this.api.post('/login', { json })).body.access_token as string;
    const { body } = made(await this.api.post('/clients', { token, json: { client_name: 'a client', scope } }));
    return { id: body.client_id, secret: body.client_secret };
  }

  /** Those whom a load needs. */
  async accounts(count: number): Promise<LoadAccounts> {
    const users = await Promise.all(Array.from({ length: count }, () => this.aUser()));
    return { users, client: await this.aClient('tokens:introspect revocations:read') };
  }

  /** @throws when it does not end in order. */
  async stop(): Promise<void> {
    const code = await this.process.end();
    if (code !== 0) throw new Error(`ended with code ${code}:\n${this.process.output}`);
  }

  /** The connections of an instance to this database, by what they are doing. */
  static async connections(database: TestDatabase): Promise<{ state: string | null; name: string }[]> {
    return database.run(`SELECT state, application_name AS name FROM pg_stat_activity
      WHERE datname = current_database() AND application_name IN ('recant', 'recant-feed')`);
  }
}

function made(answer: Answer): Answer {
  if (answer.status === 201) return answer;
  throw new Error(`answered ${answer.status}: ${JSON.stringify(answer.body)}`);
}
