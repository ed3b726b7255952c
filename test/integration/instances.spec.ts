import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../support/api-client.js';
import { cloneDatabase, type TestDatabase } from '../support/database.js';
import { testVariables } from '../support/environment.js';
import { aPassword, aUsername } from '../support/given.js';
import { expectInvalidToken } from '../support/problem.js';
import { ServiceProcess } from '../support/process.js';
import { headerOf, type Pair, pairsIn } from '../support/tokens.js';

// Real: two processes of the built service on one PostgreSQL.
let database: TestDatabase;
let processes: ServiceProcess[];
let one: ApiClient;
let other: ApiClient;
let admin: Registered;

beforeAll(async () => {
  database = await cloneDatabase();
  const ENCRYPTION_SECRET = randomBytes(32).toString('base64');
  const variables = testVariables({ DATABASE_URL: database.url, ENCRYPTION_SECRET, LOG_LEVEL: 'debug' });
  processes = [new ServiceProcess(variables), new ServiceProcess(variables)];
  const urls = await Promise.all(processes.map((process) => process.listening()));
  [one, other] = (await Promise.all(urls.map((url) => ApiClient.for(url)))) as [ApiClient, ApiClient];
  admin = await anAdmin();
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process.end()));
  await database.drop();
});

const kidsOf = async (api: ApiClient): Promise<string[]> =>
  (await api.get('/.well-known/jwks.json')).body.keys.map(({ kid }: { kid: string }) => kid);

describe('two instances', () => {
  it.each([
    ['POST', '/logout/access'],
    ['POST', '/logout'],
    ['POST', '/logout/all'],
    ['DELETE', '/users/me'],
  ])('What was revoked is refused by every instance: %s %s.', async (method, path) => {
    const { access } = await registered();
    expect((await other.get('/secret', { token: access })).status).toBe(200);
    expect((await one.send(method, path, { token: access })).status).toBe(200);
    expectInvalidToken(await one.get('/secret', { token: access }));
    await expect.poll(async () => (await other.get('/secret', { token: access })).status, { interval: 1 }).toBe(401);
  });

  it('have one key ring: a key that one of them forbids is refused by both, and both sign with the next', async () => {
    const { access, refresh } = await registered();
    const kid = String(headerOf(access)['kid']);
    const { body } = await one.post(`/keys/${kid}/forbid`, { token: admin.access });
    const next = body.keys.find(
      (key: Record<string, string>) => key['purpose'] === 'access' && key['status'] === 'current',
    );
    await expect.poll(async () => (await other.get('/secret', { token: access })).status, { interval: 1 }).toBe(401);
    await expect.poll(() => kidsOf(other), { timeout: 5_000, interval: 20 }).toEqual(await kidsOf(one));
    const refreshed = await other.post('/token/refresh', { token: refresh });
    expect(headerOf(refreshed.body.access_token)['kid']).toBe(next.kid);
    for (const api of [one, other]) {
      expect((await api.get('/secret', { token: refreshed.body.access_token })).status).toBe(200);
    }
    admin = await anAdmin();
  });

  it('A password or a usable token is never written to disk, logged or shown.', async () => {
    // Not the password of other tests: the line that says what to try first has that one for an example.
    const [password, wrong] = [randomBytes(12).toString('hex'), randomBytes(12).toString('hex')];
    const user = await registered(password);
    const successor = await one.post('/token/refresh', { token: user.refresh });
    await one.post('/login', { json: { username: user.username, password: wrong } });
    await other.post('/logout', { token: user.access });
    await other.get(`/secret?access_token=${user.access}`, { token: `${user.access}x` });
    const json = { client_name: 'gateway', scope: 'tokens:introspect' };
    const client = await one.post('/clients', { token: admin.access, json });
    const form = { client_id: client.body.client_id, client_secret: client.body.client_secret, token: admin.access };
    expect((await other.post('/oauth/introspect', { form })).body.active).toBe(true);

    const written = [...processes.map(({ output }) => output), await everyRow()].join('\n');
    const secrets = [
      password,
      wrong,
      user.access,
      user.refresh,
      admin.access,
      successor.body.refresh_token,
      form.client_secret,
    ];
    for (const secret of secrets) expect(written.includes(secret)).toBe(false);
    // That a refusal was logged, and a row written, shows that there was something to look through.
    expect(written).toMatch(/invalid_token/);
    expect(written).toContain(user.username);
  });
});

type Registered = { username: string } & Pair;

async function registered(password = aPassword): Promise<Registered> {
  const username = aUsername();
  const answer = await one.post('/registration', { json: { username, password } });
  return { username, ...pairsIn(answer)[0]! };
}

/** Promoted in the database: over HTTP only another administrator could. A refresh brings the role home. */
async function anAdmin(): Promise<Registered> {
  const { username, refresh } = await registered();
  await database.run(`UPDATE users SET roles = '{admin}' WHERE username = $1`, [username]);
  return { username, ...pairsIn(await one.post('/token/refresh', { token: refresh }))[0]! };
}

async function everyRow(): Promise<string> {
  const tables = await database.run<{ name: string }>(
    `SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  );
  const rows = await Promise.all(
    tables.map(({ name }) => database.run<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM ${name} t`)),
  );
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n');
}
