import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase } from '../../support/database.js';
import { DatabaseFaults } from '../../support/database-faults.js';
import { Load, LoadCaller, type Outcome, summaryOf } from '../../support/load.js';
import { OwnServer } from '../../support/own-server.js';
import { RunningService } from '../../support/running-service.js';

const POOL_SIZE = 5;

/** Milliseconds from the moment on which the database takes connections again. */
const RECOVERY_MS = 15_000;

// Real: the built service in a process of its own, which is never restarted, its limits on guessing included, and a
// PostgreSQL of this file alone, which is restarted, or ends every connection, while all four kinds of requests come.
let server: OwnServer;
let database: TestDatabase;
let service: RunningService;
let load: Load;

beforeAll(async () => {
  server = await OwnServer.create();
  database = await server.database();
  service = await RunningService.on(database, { DATABASE_POOL_SIZE: String(POOL_SIZE), RATE_LIMIT_ENABLED: 'true' });
}, 60_000);
afterEach(() => load.stop());
afterAll(async () => {
  try {
    await service.stop();
  } finally {
    await server.end();
  }
});

/** Nothing but what is documented, and a 503 says when to come again. */
function expectOnlyDocumented(outcomes: Outcome[]): void {
  const others = outcomes.filter(({ status }) => ![200, 429, 503].includes(status));
  expect(summaryOf(others)).toEqual({});
  const silent = outcomes.filter(({ status, retryAfter }) => status !== 200 && !/^[1-9]\d*$/.test(retryAfter ?? ''));
  expect(summaryOf(silent)).toEqual({});
}

/** It hears of revocations again, and has as many connections as it may have, with nothing open on them. */
async function expectAsBefore(): Promise<void> {
  const inSync = async () => (await service.api.get('/health/ready')).body.details?.feed.in_sync as boolean | undefined;
  await expect.poll(inSync, { timeout: RECOVERY_MS }).toBe(true);
  const connections = await RunningService.connections(database);
  expect(connections.length).toBeLessThanOrEqual(POOL_SIZE + 1);
  expect(connections.filter(({ name }) => name === 'recant-feed')).toHaveLength(1);
  expect(connections.filter(({ state }) => state?.startsWith('idle in transaction'))).toEqual([]);
}

async function start(): Promise<void> {
  load = new Load(service.url, await service.accounts(3));
  await load.allAreServed();
}

/** A token that was taken back, and one who asks with it all the while. */
async function revokedCaller(): Promise<LoadCaller> {
  const { access } = await service.aUser();
  expect((await service.api.post('/logout', { token: access })).status).toBe(200);
  const caller = new LoadCaller(service.url, () => ({ path: '/secret', token: access }));
  load.callers.push(caller);
  return caller;
}

describe.each([
  ['in order', 'SIGINT'],
  ['like a crash', 'SIGQUIT'],
] as const)('a PostgreSQL that is restarted %s under load', (_, signal) => {
  it('makes 503s and nothing worse, and all is as before within 15 s', async () => {
    await start();
    await server.stop(signal);
    const refused = await Promise.all(load.callers.map((caller) => caller.nextWith(503)));
    await server.start();
    const startedAt = performance.now();
    expect((await load.allAreServed()) - startedAt).toBeLessThan(RECOVERY_MS);
    expectOnlyDocumented(await load.stop());
    // Nobody waited long to be refused.
    expect(Math.max(...refused.map(({ startedAt: from, endedAt }) => endedAt - from))).toBeLessThan(3_000);
    await expectAsBefore();
  });
});

describe('connections that are all ended under load, time and again', () => {
  it('make 503s and nothing worse, no revoked token passes, and all is as before within 15 s', async () => {
    await start();
    const ofRevoked = await revokedCaller();
    const others = load.callers.filter((caller) => caller !== ofRevoked);
    const faults = new DatabaseFaults(database);
    for (let round = 0; round < 5; round++) {
      await faults.cutConnections();
      await Promise.all(others.map((caller) => caller.nextWith(200)));
    }
    const cutAt = performance.now();
    await faults.cutConnections();
    const served = await Promise.all(others.map((caller) => caller.nextWith(200)));
    expect(Math.max(...served.map(({ endedAt }) => endedAt)) - cutAt).toBeLessThan(RECOVERY_MS);
    await load.stop();
    expectOnlyDocumented(others.flatMap(({ outcomes }) => outcomes));
    const answers = new Set(ofRevoked.outcomes.map(({ status }) => status));
    expect([...answers].filter((status) => status !== 401 && status !== 503)).toEqual([]);
    expect(answers).toContain(401);
    await expectAsBefore();
  });
});
