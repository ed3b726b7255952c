import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cloneDatabase, type TestDatabase } from '../../support/database.js';
import { testVariables } from '../../support/environment.js';
import { expectInvalidToken, expectNotReady } from '../../support/problem.js';
import { RunningService } from '../../support/running-service.js';
import { type Pair } from '../../support/tokens.js';

const HOUR_MS = 3_600_000;
const PRELOAD = new URL('../../support/preload/shifts-the-clock.mjs', import.meta.url);
const { ENCRYPTION_SECRET = '' } = testVariables();

// Real: the built service in processes of its own, whose clock is off, PostgreSQL, whose clock is right, and another instance
// with a right clock.
let database: TestDatabase;
let right: RunningService;
let service: RunningService;

beforeAll(async () => {
  database = await cloneDatabase();
  right = await RunningService.on(database, { ENCRYPTION_SECRET });
});
afterEach(async () => {
  await service.stop();
});
afterAll(async () => {
  await right.stop();
  await database.drop();
});

async function start(...shiftsMs: number[]): Promise<void> {
  const preload = { NODE_OPTIONS: `--import=${PRELOAD.href}`, CLOCK_SHIFTS_MS: shiftsMs.join() };
  service = await RunningService.on(database, { ENCRYPTION_SECRET, ...preload });
}

const ready = () => service.api.get('/health/ready');
const secret = ({ access }: Pick<Pair, 'access'>) => service.api.get('/secret', { token: access });

/** Sets the clock to the next shift; returns when the service has noticed. */
async function setClock(isRight: boolean): Promise<void> {
  service.process.signal('SIGUSR2');
  await expect.poll(async () => (await ready()).status, { interval: 20 }).toBe(isRight ? 200 : 503);
}

describe('a clock that is a second off', () => {
  it.each([-1_000, 1_000])(
    'is ready, and takes tokens and takes them back, whoever issued them: %i ms',
    async (shift) => {
      await start(shift);
      expect((await ready()).status).toBe(200);
      for (const pair of [await right.aUser(), await service.aUser()]) {
        expect((await secret(pair)).status).toBe(200);
        expect((await right.api.get('/secret', { token: pair.access })).status).toBe(200);
        expect((await service.api.post('/logout', { token: pair.access })).status).toBe(200);
        expectInvalidToken(await secret(pair));
      }
    },
  );
});

describe('a clock that is more than two seconds off', () => {
  it.each([
    ['behind', -10_000, 401],
    ['ahead', 10_000, 200],
    ['an hour ahead', HOUR_MS, 401],
  ])('is not ready, lives on, and takes no token that it must not take: %s', async (_, shift, status) => {
    await start(shift);
    expectNotReady(await ready(), ['clock']);
    expect((await service.api.get('/health/live')).status).toBe(200);
    const [living, revoked] = [await right.aUser(), await right.aUser()];
    expect((await right.api.post('/logout', { token: revoked.access })).status).toBe(200);
    expectInvalidToken(await secret(revoked));
    // By that clock a living one may not have begun, or be over; that is a refusal like any other.
    expect((await secret(living)).status).toBe(status);
  });

  it('is ready again once it is set right', async () => {
    await start(-10_000, 0);
    expectNotReady(await ready(), ['clock']);
    const user = await right.aUser();
    await setClock(true);
    expect((await secret(user)).status).toBe(200);
  });
});

describe('a clock that went an hour ahead and is set back', () => {
  it('has made the service forget no revocation', async () => {
    await start(0, HOUR_MS, 0);
    const [living, ...revoked] = [await service.aUser(), await service.aUser(), await right.aUser()];
    for (const { access } of revoked) {
      expect((await service.api.post('/logout/access', { token: access })).status).toBe(200);
    }
    await setClock(false);
    // Twice as long as it takes until what has expired by the clock is looked for.
    await sleep(2_000);
    await setClock(true);
    for (const pair of revoked) expectInvalidToken(await secret(pair));
    expect((await secret(living)).status).toBe(200);
  });
});
