import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RevocationFeed } from '../../src/tokens/revocation/revocation-feed.service.js';
import { RevocationMemory } from '../../src/tokens/revocation/revocation-memory.js';
import { Caller } from '../support/caller.js';
import { type TestDatabase } from '../support/database.js';
import { type Account, claimsOf, Given } from '../support/given.js';
import { caughtUp, recordElsewhere } from '../support/memory.js';
import { OwnServer } from '../support/own-server.js';
import { expectInvalidToken, expectNotReady, expectUnavailable, WITHOUT_DATABASE } from '../support/problem.js';
import { startServiceOn, type TestService } from '../support/service.js';

const STALENESS_MS = 500;

// Real: HTTP, and a PostgreSQL of this file alone, whose processes are stopped, ended and started.
let server: OwnServer;
let database: TestDatabase;
let service: TestService;
let feed: RevocationFeed;
let given: Given;
const callers: Caller[] = [];

beforeAll(async () => {
  server = await OwnServer.create();
  database = await server.database();
  service = await startServiceOn(database, { REVOCATION_STALENESS_MS: String(STALENESS_MS) });
  feed = service.app.get(RevocationFeed);
  given = new Given(service);
}, 60_000);
afterAll(async () => {
  await service.app.close();
  await server.end();
});
beforeEach(() => caughtUp(service));
afterEach(() => Promise.all(callers.splice(0).map((caller) => caller.stop())));

const secret = ({ access }: Account) => service.api.get('/secret', { token: access });
const logout = ({ access }: Account) => service.api.post('/logout', { token: access });
const nextLost = () => new Promise<string>((resolve) => feed.events.once('lost', resolve));

function calling({ access }: Account): Caller {
  const caller = new Caller(service.api.url, () => access);
  callers.push(caller);
  return caller;
}

/** The different answers to the requests that began after a moment. */
async function answersOf(caller: Caller, since = -Infinity): Promise<number[]> {
  const calls = (await caller.stop()).filter(({ startedAt }) => startedAt > since);
  return [...new Set(calls.map(({ status }) => status))];
}

async function listeningPids(): Promise<number[]> {
  const rows = await database.run<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'recant-feed'`,
  );
  return rows.map(({ pid }) => pid);
}

/** What another instance revokes comes into memory, and is refused. */
async function expectToHear(): Promise<void> {
  const user = await given.aUser();
  const { jti, sid, sub, seq } = claimsOf(user.access);
  await recordElsewhere(database, 'session', sid);
  await caughtUp(service);
  expect(service.app.get(RevocationMemory).forbids({ jti, sid, sub, seq, kid: '' })).toBe(true);
  expectInvalidToken(await secret(user));
}

describe('a listening connection whose server process is stopped, so that it stays open and nothing comes', () => {
  it('lets nothing pass after the staleness that was revoked elsewhere, and is left for another one', async () => {
    const [user, living] = [await given.aUser(), await given.aUser()];
    const [pid] = (await listeningPids()) as [number];
    // Between two heartbeats the process idles; in the middle of one it would hold the lock of all that notify.
    await caughtUp(service);
    process.kill(pid, 'SIGSTOP');
    try {
      const stoppedAt = performance.now();
      const lost = nextLost();
      await recordElsewhere(database, 'session', claimsOf(user.access).sid);
      const [ofUser, ofLiving] = [calling(user), calling(living)];
      expect(await lost).toBe(`no proof for ${STALENESS_MS} ms`);
      expectInvalidToken(await secret(user));
      await caughtUp(service);
      expect(await answersOf(ofUser, stoppedAt + STALENESS_MS)).toEqual([401]);
      expect(await answersOf(ofLiving)).toEqual([200]);
      expect(await listeningPids()).toHaveLength(2);
      await expectToHear();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await expect.poll(listeningPids).not.toContain(pid);
    await expectToHear();
  });
});

describe.each([
  ['in order', 'SIGINT'],
  ['like a crash', 'SIGQUIT'],
] as const)('a PostgreSQL that is stopped %s and started again', (_, signal) => {
  it('lets nothing pass that was revoked before or meanwhile, and is used again when it is back', async () => {
    const [before, elsewhere, asked, living] = await Promise.all(Array.from({ length: 4 }, () => given.aUser()));
    expect((await logout(before!)).status).toBe(200);
    const ofBefore = calling(before!);

    const lost = nextLost();
    await server.stop(signal);
    await lost;
    for (const answer of await Promise.all([secret(living!), secret(elsewhere!), logout(asked!)]))
      expectUnavailable(answer);
    expectNotReady(await service.api.get('/health/ready'), WITHOUT_DATABASE);

    // Another instance, which reaches the server while this one does not.
    await server.start({ hidden: true });
    await recordElsewhere({ url: server.hiddenUrl(database) }, 'session', claimsOf(elsewhere!.access).sid);
    await server.stop(signal);
    const ofElsewhere = calling(elsewhere!);

    await server.start();
    await caughtUp(service);
    expectInvalidToken(await secret(elsewhere!));
    for (const answers of await Promise.all([answersOf(ofBefore), answersOf(ofElsewhere)])) {
      expect(answers.filter((status) => status !== 503 && status !== 401)).toEqual([]);
    }
    expect((await secret(living!)).status).toBe(200);
    // The 503 of its logout was the truth: nothing was stored.
    expect((await logout(asked!)).status).toBe(200);
    expectInvalidToken(await secret(asked!));
    await expectToHear();
  });
});
