import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Clock } from '../../src/common/clock.js';
import { RevocationFeed } from '../../src/tokens/revocation/revocation-feed.service.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { expectNotReady, WITHOUT_DATABASE } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';

// Real: the service, PostgreSQL and its clock. Not real: our own clock, where a test says so.
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => service.stop());

const ready = () => service.api.get('/health/ready');

describe('an instance that has all it needs', () => {
  it('is live, and ready in every check', async () => {
    expect(await service.api.get('/health/live')).toMatchObject({ status: 200, body: { status: 'ok' } });
    const { status, body } = await ready();
    const up = { status: 'up' };
    const feed = { status: 'up', in_sync: true, age_ms: expect.any(Number) };
    expect([status, body]).toEqual([
      200,
      { status: 'ok', details: { database: up, migrations: up, clock: up, keys: up, feed } },
    ]);
  });

  it('is ready out of sync, and says that it is slower', async () => {
    vi.spyOn(service.app.get(RevocationFeed), 'isInSync').mockReturnValue(false);
    const { status, body } = await ready();
    expect([status, body.status, body.details.feed]).toMatchObject([200, 'degraded', { status: 'degraded' }]);
  });
});

describe('an instance is not ready', () => {
  it('without its database, and is live', async () => {
    const faults = new DatabaseFaults(service.database);
    await faults.goAway();
    expectNotReady(await ready(), WITHOUT_DATABASE);
    expect((await service.api.get('/health/live')).status).toBe(200);
    await faults.comeBack();
    await expect.poll(async () => (await ready()).status).toBe(200);
  });

  it.each([2_500, -2_500])('when its clock is %i ms off, and says by how much', async (offMs) => {
    const real = Date.now.bind(Date);
    vi.spyOn(Clock.prototype, 'now').mockImplementation(() => new Date(real() + offMs));
    const answer = await ready();
    expectNotReady(answer, ['clock']);
    expect(answer.body.errors[0].message).toMatch(offMs > 0 ? /is -2[45]\d\d ms ahead/ : /is 2[45]\d\d ms ahead/);
  });

  it.each([1_500, -1_500])('not for a clock that is %i ms off', async (offMs) => {
    const real = Date.now.bind(Date);
    vi.spyOn(Clock.prototype, 'now').mockImplementation(() => new Date(real() + offMs));
    expect((await ready()).status).toBe(200);
  });

  it('on a database that lacks a part of the schema, and names it', async () => {
    const [last] = await service.database.run<{ name: string }>('SELECT max(name) AS name FROM migrations');
    await service.database.run(`UPDATE migrations SET name = 'x' || name WHERE name = $1`, [last!.name]);
    const answer = await ready();
    expectNotReady(answer, ['migrations']);
    expect(answer.body.errors[0].message).toContain(last!.name);
    await service.database.run(`UPDATE migrations SET name = $1 WHERE name = 'x' || $1`, [last!.name]);
    expect((await ready()).status).toBe(200);
  });
});
