import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, claimsOf, Given } from '../support/given.js';
import { expectInvalidToken, expectProblem, expectWrongFields } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL. The rows are the test's, but for those of the walk through real ones.
let service: TestService;
let given: Given;
let admin: Account;
let user: Account;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
  admin = await given.anAdmin();
  user = await given.aUser();
});
afterAll(() => service.stop());
beforeEach(() => service.database.run('TRUNCATE audit_events'));

interface ListedEvent {
  id: string;
  at: string;
  event: string;
}

const list = (query: string, token = admin.access) => service.api.get(`/audit${query}`, { token });

async function idsOf(query: string): Promise<string[]> {
  const { status, body } = await list(query);
  expect(status).toBe(200);
  return (body.events as ListedEvent[]).map(({ id }) => id);
}

async function allPages(query: string, between?: () => Promise<unknown>): Promise<ListedEvent[]> {
  const listed: ListedEvent[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const answer = await list(`?${query}${cursor && `&cursor=${cursor}`}`);
    expect(answer.status).toBe(200);
    listed.push(...(answer.body.events as ListedEvent[]));
    cursor = answer.body.next_cursor as string | null;
    await between?.();
  }
  return listed;
}

/** Rows of the test's own, from the oldest on; answers their ids. */
async function rows(...events: Record<string, unknown>[]): Promise<string[]> {
  const ids = [];
  for (const event of events) {
    const row = { event: 'user.deleted', outcome: 'success', actor_type: 'user', ...event };
    const names = Object.keys(row);
    const places = names.map((_, n) => `$${n + 1}`);
    const [made] = await service.database.run<{ id: string }>(
      `INSERT INTO audit_events (${names.join(', ')}) VALUES (${places.join(', ')}) RETURNING id`,
      Object.values(row),
    );
    ids.push(made!.id);
  }
  return ids;
}

describe('GET /audit', () => {
  it('refuses a request without a token, with a refresh token, and from a user who is no administrator', async () => {
    expectProblem(await service.api.get('/audit'), 'missing_token');
    expectInvalidToken(await list('', admin.refresh));
    for (const query of ['', '?limit=x']) expectProblem(await list(query, user.access), 'insufficient_scope');
  });

  it.each([
    ...['', 'x', 'login', 'LOGIN.REFUSED', 'toString'].map((value) => ['event', value]),
    ...['', 'failure', 'Success'].map((value) => ['outcome', value]),
    ...['', 'a b', '%00', "'", 'a'.repeat(65), '1.2'].map((value) => ['actor', value]),
    ...['', 'a b', '%00', 'a'.repeat(65)].map((value) => ['target', value]),
    ...['', 'x', '5f0c1c0e', `${randomUUID()}0`].map((value) => ['session_id', value]),
    ...['', 'x', '192.0.2', '192.0.2.0/24', 'fe80::1%25eth0', '192.0.2.256', '%00'].map((value) => ['ip', value]),
    ...[
      '',
      'x',
      'now',
      'infinity',
      '2026-01-01',
      '2026-01-01T12:00:00',
      '2026-01-01 12:00:00Z',
      '2026-02-30T12:00:00Z',
      '2025-02-29T12:00:00Z',
      '2026-13-01T12:00:00Z',
      '2026-01-01T24:00:00Z',
      '2026-01-01T12:60:00Z',
      '2026-01-01T12:00:60Z',
      '2026-01-01T12:00:00%2B24:00',
      '0000-01-01T12:00:00Z',
      '2026-01-01T12:00:00+01:00',
      '1767268800',
    ].flatMap((value) => [
      ['from', value],
      ['to', value],
    ]),
    ...['0', '-1', '201', '1e2', '', 'x'].map((value) => ['limit', value]),
    ...['', 'x', '1', '1.', '.1', '1.a', '1.1.1', `1.${'9'.repeat(19)}`, `${'9'.repeat(18)}.1`].map((value) => [
      'cursor',
      value,
    ]),
    ...['username', 'constructor'].map((name) => [name, 'x']),
  ])('refuses a wrong field: %s=%s', async (field, value) => {
    expectWrongFields(await list(`?${field}=${value}`), [field]);
  });

  it('refuses a field that comes twice', async () => {
    for (const query of ['event=user.deleted&event=user.deleted', 'ip=::1&ip=::1', 'from=x&from=y']) {
      expectWrongFields(await list(`?${query}`), [query.split('=')[0]!]);
    }
  });

  it('takes everything else that a field can be', async () => {
    for (const query of [
      'from=2024-02-29T23:59:59.123456789Z&to=2026-01-01t12:00:00%2b05:30',
      'from=1900-01-01T00:00:00-14:59',
      'to=2999-12-31T23:59:59z',
      `actor=${randomUUID().toUpperCase()}&target=recant&session_id=${randomUUID().toUpperCase()}`,
      'ip=::FFFF:192.0.2.1&limit=200&outcome=refused&event=login.refused',
      `cursor=${'9'.repeat(17)}.${'9'.repeat(18)}`,
    ]) {
      expect(await idsOf(`?${query}`)).toEqual([]);
    }
  });

  it('tells of an event what there is to tell', async () => {
    const { access } = await given.aUser();
    const headers = { 'user-agent': 'the test' };
    await service.api.post('/logout', { token: access, headers });
    const { body } = await list('');
    const { sub, sid } = claimsOf(access);
    expect(body).toEqual({
      events: [
        {
          id: expect.stringMatching(/^\d+$/),
          at: expect.any(String),
          event: 'session.ended',
          outcome: 'success',
          actor_type: 'user',
          actor_id: sub,
          target_type: 'user',
          target_id: sub,
          session_id: sid,
          ip: '127.0.0.1',
          user_agent: 'the test',
          request_id: expect.any(String),
          details: { reason: 'logout' },
        },
      ],
      next_cursor: null,
    });
    expect(Math.abs(Date.parse((body.events as ListedEvent[])[0]!.at) - Date.now())).toBeLessThan(60_000);
  });
});

describe('a filter', () => {
  it.each<[query: string, right: Record<string, unknown>, wrong: Record<string, unknown>]>([
    ['event=user.enabled', { event: 'user.enabled' }, { event: 'user.disabled' }],
    ['outcome=refused', { outcome: 'refused' }, { outcome: 'success' }],
    ['actor=recant', { actor_id: 'recant' }, { target_id: 'recant' }],
    ['target=a-Key_1', { target_id: 'a-Key_1' }, { target_id: 'a-key_1' }],
    [
      'actor=5F0C1C0E-9A3F-4F5E-8B57-2F3F6E0F7C11',
      { actor_id: '5f0c1c0e-9a3f-4f5e-8b57-2f3f6e0f7c11' },
      { actor_id: null },
    ],
    [
      'session_id=5F0C1C0E-9a3f-4f5e-8b57-2f3f6e0f7c11',
      { session_id: '5f0c1c0e-9a3f-4f5e-8b57-2f3f6e0f7c11' },
      { session_id: randomUUID() },
    ],
    ['ip=192.0.2.1', { ip: '192.0.2.1' }, { ip: '192.0.2.10' }],
    ['ip=::ffff:192.0.2.1', { ip: '192.0.2.1' }, { ip: '192.0.2.2' }],
    ['ip=2001:DB8::0:1', { ip: '2001:db8::1' }, { ip: '2001:db8::' }],
    ['from=2026-01-01T12:00:00Z', { at: '2026-01-01T12:00:00Z' }, { at: '2026-01-01T11:59:59.999999Z' }],
    ['to=2026-01-01T12:00:00%2B02:00', { at: '2026-01-01T09:59:59.999999Z' }, { at: '2026-01-01T10:00:00Z' }],
  ])('finds what fits, and nothing else: %s', async (query, right, wrong) => {
    const [fits] = await rows(right, wrong);
    expect(await idsOf(`?${query}`)).toEqual([fits]);
  });

  it('narrows what the others leave', async () => {
    const [first] = await rows(
      { actor_id: 'a', target_id: 'b', ip: '192.0.2.1' },
      { actor_id: 'a', target_id: 'c', ip: '192.0.2.1' },
      { actor_id: 'a', target_id: 'b', ip: '192.0.2.2' },
    );
    expect(await idsOf('?actor=a&target=b&ip=192.0.2.1')).toEqual([first]);
  });
});

describe('the pages', () => {
  it.each([1, 2, 7, 200])('of %s show every event once, newest first, also those of one moment', async (limit) => {
    const moments = ['2026-01-01T12:00:00.000001Z', '2026-01-01T12:00:00.000002Z', '2026-01-01T12:00:00.000002Z'];
    const ids = await rows(...moments.map((at) => ({ at })), ...moments.map((at) => ({ at })));
    const order = [5, 4, 2, 1, 3, 0];
    expect((await allPages(`limit=${limit}`)).map(({ id }) => id)).toEqual(order.map((n) => ids[n]));
  });

  it('lose nothing that was there when they were begun, whatever comes in between, and keep to the filter', async () => {
    const ids = await rows(...Array.from({ length: 9 }, (_, n) => ({ actor_id: n % 3 === 0 ? 'x' : 'a' })));
    const between = () => rows({ actor_id: 'a' }, { actor_id: 'x' });
    const listed = await allPages('limit=2&actor=a', between);
    expect(listed.map(({ id }) => id)).toEqual(ids.filter((_, n) => n % 3 !== 0).toReversed());
  });

  it('show what is stored late to whoever begins anew from a little before', async () => {
    const late = new Client({ connectionString: service.database.url });
    await late.connect();
    await late.query('BEGIN');
    const insert = `INSERT INTO audit_events (event, outcome, actor_type) VALUES ('user.deleted', 'success', 'user')
      RETURNING id, at - interval '1 minute' AS before`;
    const { rows: made } = await late.query<{ id: string; before: Date }>(insert);
    const [newer] = await rows({});
    expect(await idsOf('')).toEqual([newer]);
    await late.query('COMMIT');
    await late.end();
    expect(await idsOf(`?from=${made[0]!.before.toISOString()}`)).toEqual([newer, made[0]!.id]);
  });

  it('of a rare event among many are found by an index, whichever filter it is', async () => {
    await service.database.run(
      `INSERT INTO audit_events (event, outcome, actor_type, actor_id, target_id, session_id, ip)
       SELECT 'login.succeeded', 'success', 'user', gen_random_uuid()::text, gen_random_uuid()::text, gen_random_uuid(),
         '10.0.0.0'::inet + n FROM generate_series(1, 20000) n`,
    );
    await service.database.run('ANALYZE audit_events');
    for (const condition of [
      `event = 'key.forbidden'`,
      `actor_id = 'x'`,
      `target_id = 'x'`,
      `session_id = '${randomUUID()}'`,
      `ip = '192.0.2.1'`,
      `at < '2026-01-01'`,
    ]) {
      const plan = await service.database.run<{ 'QUERY PLAN': string }>(
        `EXPLAIN SELECT * FROM audit_events WHERE ${condition} ORDER BY at DESC, id DESC LIMIT 51`,
      );
      const text = plan.map((line) => line['QUERY PLAN']).join('\n');
      expect(text).toMatch(/Index Scan using audit_events_/);
      expect(text).not.toMatch(/Seq Scan|Sort|Filter/);
    }
  });
});
