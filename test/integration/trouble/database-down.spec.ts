import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer } from '../../support/api-client.js';
import { cloneDatabase, type TestDatabase } from '../../support/database.js';
import { DatabaseFaults } from '../../support/database-faults.js';
import { basic } from '../../support/given-clients.js';
import { ask, type LoadAccounts, LoadCaller } from '../../support/load.js';
import { expectInvalidToken, expectNotReady, expectUnavailable, WITHOUT_DATABASE } from '../../support/problem.js';
import { RunningService } from '../../support/running-service.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

/** Milliseconds for which memory is trusted after the last proof; production's default. */
const STALENESS_MS = 2_000;

/** Milliseconds within which whoever needs the database hears that it is not there. */
const REFUSED_MS = 3_000;

// Real: the built service in a process of its own, PostgreSQL, and a proxy between them that can freeze.
let database: TestDatabase;
let proxy: TcpProxy;
let service: RunningService;
let accounts: LoadAccounts;
let faults: DatabaseFaults;
const callers: LoadCaller[] = [];

beforeAll(async () => {
  database = await cloneDatabase();
  faults = new DatabaseFaults(database);
  const proxied = await TcpProxy.to(database.url);
  ({ proxy } = proxied);
  service = await RunningService.on(proxied);
  accounts = await service.accounts(2);
});
afterAll(async () => {
  await service.stop();
  await proxy.close();
  await database.drop();
});
beforeEach(() => isInSync(true));
afterEach(async () => {
  await faults.comeBack();
  proxy.thaw();
  await Promise.all(callers.splice(0).map((caller) => caller.stop()));
});

async function isInSync(expected: boolean): Promise<void> {
  const inSync = async () => (await service.api.get('/health/ready')).body.details?.feed.in_sync as boolean | undefined;
  await expect.poll(inSync, { timeout: 15_000, interval: 20 }).toBe(expected);
}

function calling(token: string): LoadCaller {
  const caller = new LoadCaller(service.url, () => ({ path: '/secret', token }));
  callers.push(caller);
  return caller;
}

/** Everything that cannot be answered without the database. */
function needy(): Promise<Answer>[] {
  const { api } = service;
  const [{ username, password, access, refresh }] = accounts.users as [LoadAccounts['users'][0]];
  const json = { username, password };
  return [
    api.get('/users/me', { token: access }),
    api.post('/login', { json }),
    api.post('/registration', { json: { username: `${username}-2`, password } }),
    api.post('/token/refresh', { token: refresh }),
    api.post('/logout', { token: access }),
    api.get('/sessions', { token: access }),
  ];
}

/** More than are let in at once. */
const LOGINS = 40;

/** In their time; the OAuth endpoints in their own shape. */
async function expectRefused(): Promise<void> {
  const begun = performance.now();
  const { client, users } = accounts;
  const introspection = service.api.post('/oauth/introspect', {
    form: { token: users[0]!.access },
    headers: basic(client),
  });
  const [{ username, password }] = users as [LoadAccounts['users'][0]];
  const logins = Array.from({ length: LOGINS }, () => service.api.post('/login', { json: { username, password } }));
  const ready = service.api.get('/health/ready');
  for (const answer of await Promise.all([...needy(), ...logins])) expectUnavailable(answer);
  expectNotReady(await ready, WITHOUT_DATABASE);
  const { status, headers } = await introspection;
  expect([status, headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^[1-9]\d*$/)]);
  expect(performance.now() - begun).toBeLessThan(REFUSED_MS);
}

async function expectAnsweredWithoutIt(): Promise<void> {
  for (const path of ['/.well-known/jwks.json', '/.well-known/oauth-authorization-server', '/health/live'])
    expect((await service.api.get(path)).status).toBe(200);
  // What is wrong on its face needs no database.
  expectInvalidToken(await service.api.get('/secret', { token: 'A.B.C' }));
}

async function expectAllAsBefore(): Promise<void> {
  await isInSync(true);
  const { access, refresh } = await service.aUser();
  expect((await service.api.get('/secret', { token: access })).status).toBe(200);
  expect((await service.api.post('/logout', { token: refresh })).status).toBe(200);
  expectInvalidToken(await service.api.get('/secret', { token: access }));
}

describe('a database that is gone', () => {
  it('leaves what needs none, is a 503 to the rest within 3 s, and all is as before when it is back', async () => {
    const caller = calling(accounts.users[0]!.access);
    await caller.nextWith(200);
    await faults.goAway();
    // Its connections have ended, so nobody hears of revocations: memory is not trusted from that moment on.
    await caller.nextWith(503);
    await expectAnsweredWithoutIt();
    await expectRefused();
    await faults.comeBack();
    await expectAllAsBefore();
    expect(new Set(caller.outcomes.map(({ status }) => status))).toEqual(new Set([200, 503]));
  });
});

describe('a database that does not answer any more, its connections open', () => {
  it('lets known tokens pass until memory is stale, and is a 503 within 3 s from then on', async () => {
    const caller = calling(accounts.users[0]!.access);
    await caller.nextWith(200);
    const frozenAt = performance.now();
    proxy.freeze();
    const refused = await caller.nextWith(503);
    await expectAnsweredWithoutIt();
    await expectRefused();
    proxy.thaw();
    await expectAllAsBefore();
    await caller.stop();
    const passed = caller.outcomes.filter(({ status, startedAt }) => status === 200 && startedAt < refused.startedAt);
    const lastPassedMs = Math.max(...passed.slice(-100).map(({ endedAt }) => endedAt)) - frozenAt;
    // The last proof is at most a heartbeat old when it freezes: a quarter of the staleness, and some more on a busy machine.
    expect(lastPassedMs).toBeGreaterThan(STALENESS_MS / 2);
    expect(lastPassedMs).toBeLessThan(STALENESS_MS + 200);
    expect(refused.endedAt - refused.startedAt).toBeLessThan(REFUSED_MS);
    expect(new Set(caller.outcomes.map(({ status }) => status))).toEqual(new Set([200, 503]));
  });

  it('never lets a token pass again that was revoked before', async () => {
    const { access } = await service.aUser();
    expect((await service.api.post('/logout', { token: access })).status).toBe(200);
    proxy.freeze();
    for (let i = 0; i < 3; i++) {
      const { outcome } = await ask(service.url, false, { path: '/secret', token: access });
      expect([401, 503]).toContain(outcome.status);
    }
    const caller = calling(access);
    await caller.nextWith(503);
    proxy.thaw();
    await caller.nextWith(401);
    expect(caller.outcomes.filter(({ status }) => status === 200)).toEqual([]);
  });
});
