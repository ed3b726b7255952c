import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloneDatabase, type TestDatabase } from '../../support/database.js';
import { type LoadAccounts, LoadCaller } from '../../support/load.js';
import { HeldLock } from '../../support/locks.js';
import { expectNotReady, expectUnavailable, WITHOUT_DATABASE } from '../../support/problem.js';
import { RunningService } from '../../support/running-service.js';

const POOL_SIZE = 3;
const REQUESTS = 12;

/** Milliseconds that a request waits for a connection, that its statement waits for a lock, and for a busy machine. */
const [ACQUIRE_MS, STATEMENT_MS, BUSY_MS] = [2_500, 2_000, 1_000];

// Real: the built service in a process of its own with few connections, PostgreSQL, and a lock that all of them wait for.
let database: TestDatabase;
let service: RunningService;
let accounts: LoadAccounts;

beforeAll(async () => {
  database = await cloneDatabase();
  service = await RunningService.on(database, { DATABASE_POOL_SIZE: String(POOL_SIZE) });
  accounts = await service.accounts(REQUESTS);
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

const refresh = ({ refresh: token }: { refresh: string }) => service.api.post('/token/refresh', { token });

async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const begun = performance.now();
  return { value: await work, ms: performance.now() - begun };
}

describe('a pool whose connections are all in use', () => {
  it('is a 503 to who has waited for one, memory goes on to answer, and nothing is lost when it is free again', async () => {
    const { users } = accounts;
    const known = new LoadCaller(service.url, () => ({ path: '/secret', token: users[0]!.access }));
    await known.nextWith(200);
    const lock = await HeldLock.on(database, 'LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE');
    const answers = users.map((user) => timed(refresh(user)));
    const ready = service.api.get('/health/ready');
    const settled = await Promise.all(answers);
    await known.nextWith(200);
    for (const { value } of settled) expectUnavailable(value);
    expectNotReady(await ready, WITHOUT_DATABASE);
    // The last to get a connection had waited as long as one may, and then waited for the lock.
    expect(Math.max(...settled.map(({ ms }) => ms))).toBeLessThan(ACQUIRE_MS + STATEMENT_MS + BUSY_MS);
    // Those who got none waited no longer than for one.
    const withoutOne = settled.filter(({ ms }) => ms > STATEMENT_MS + 100 && ms < ACQUIRE_MS + BUSY_MS);
    expect(withoutOne.length).toBeGreaterThanOrEqual(REQUESTS - 3 * POOL_SIZE);
    await lock.release();

    const again = await Promise.all(users.map((user) => refresh(user)));
    expect(again.map(({ status }) => status)).toEqual(users.map(() => 200));
    expect((await service.api.get('/health/ready')).status).toBe(200);
    await known.stop();
    expect(new Set(known.outcomes.map(({ status }) => status))).toEqual(new Set([200]));
    const connections = await RunningService.connections(database);
    expect(connections.length).toBeLessThanOrEqual(POOL_SIZE + 1);
    expect(connections.filter(({ state }) => state?.startsWith('idle in transaction'))).toEqual([]);
  });
});
