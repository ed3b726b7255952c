import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessTokenService } from '../../src/tokens/access/access-token.service.js';
import { type Account, claimsOf, Given } from '../support/given.js';
import { expectInvalidToken, expectProblem, expectWrongFields } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf, pairsIn } from '../support/tokens.js';

// Real: HTTP, PostgreSQL. Not real: a client's own token is issued by the service's own hand, without the client.
let service: TestService;
let given: Given;
let admin: Account;

const PATH = '/revocations/records';
const NOBODY = '00000000-0000-4000-8000-000000000000';

interface Record {
  level: string;
  id: string | null;
  reason: string;
  created_at: string;
  expires_at: string;
}

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
  admin = await given.anAdmin();
});
afterAll(() => service.stop());

const forbid = (json: unknown, token = admin.access) => service.api.post(PATH, { token, json });
const list = (query = '', token = admin.access) => service.api.get(`${PATH}${query}`, { token });
const secret = (token: string) => service.api.get('/secret', { token });
const count = async () =>
  (await service.database.run<{ n: number }>('SELECT count(*)::int AS n FROM revocations'))[0]!.n;

/** Seconds from now until the last token that was ever issued has expired, with the leeway. */
const LONGEST_SECONDS = 2_592_000 + 5;
const secondsUntil = (moment: string) => (new Date(moment).getTime() - Date.now()) / 1_000;

async function aClientToken(clientId: string): Promise<string> {
  const [moment] = await service.database.run<{ issueNumber: string; now: Date }>(
    `SELECT nextval('issue_numbers') AS "issueNumber", clock_timestamp() AS now`,
  );
  return service.app.get(AccessTokenService).issueToClient({ clientId, scopes: [], resource: null }, moment!);
}

describe.each<[string, (token?: string) => ReturnType<typeof forbid>]>([
  ['GET', (token) => service.api.get(PATH, token ? { token } : {})],
  ['POST', (token) => service.api.post(PATH, { json: { level: 'all' }, ...(token && { token }) })],
])('%s /revocations/records', (_, send) => {
  it('is for administrators alone', async () => {
    expectProblem(await send(), 'missing_token');
    expectInvalidToken(await send(admin.refresh));
    const answer = await send((await given.aUser()).access);
    expectProblem(answer, 'insufficient_scope');
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer error="insufficient_scope"/);
    expect((await secret(admin.access)).status).toBe(200);
  });
});

describe('POST /revocations/records refuses, and records nothing,', () => {
  it.each<[string, unknown, string[]]>([
    ['nothing', {}, ['id', 'level']],
    ['no level', { id: NOBODY }, ['level']],
    ['an unknown level', { level: 'key', id: NOBODY }, ['level']],
    ['a level in capitals', { level: 'ALL' }, ['id', 'level']],
    ['a level that is a list', { level: ['all'] }, ['id', 'level']],
    ['a level that is null', { level: null, id: NOBODY }, ['level']],
    ['no id for a token', { level: 'token' }, ['id']],
    ['no id for a session', { level: 'session' }, ['id']],
    ['no id for a user', { level: 'user' }, ['id']],
    ['an id that is null', { level: 'user', id: null }, ['id']],
    ['an id that is a number', { level: 'user', id: 1 }, ['id']],
    ['an id that is a list', { level: 'user', id: [NOBODY] }, ['id']],
    ['an id that is an object', { level: 'user', id: { toLowerCase: 1 } }, ['id']],
    ['an id that is none', { level: 'user', id: 'alice' }, ['id']],
    ['an id with more after it', { level: 'user', id: `${NOBODY}\n` }, ['id']],
    ['an id in braces', { level: 'user', id: `{${NOBODY}}` }, ['id']],
    ['an id without hyphens', { level: 'user', id: NOBODY.replaceAll('-', '') }, ['id']],
    ['an id for all', { level: 'all', id: NOBODY }, ['id']],
    ['an id of null for all', { level: 'all', id: null }, ['id']],
    ['a reason of null', { level: 'user', id: NOBODY, reason: null }, ['reason']],
    ['a reason that is empty', { level: 'user', id: NOBODY, reason: '' }, ['reason']],
    ['a reason of 201 characters', { level: 'user', id: NOBODY, reason: '😀'.repeat(201) }, ['reason']],
    ['a reason with NUL', { level: 'user', id: NOBODY, reason: 'a\0b' }, ['reason']],
    ['a reason with a line break', { level: 'user', id: NOBODY, reason: 'a\nb' }, ['reason']],
    ['a reason with a control character of Latin-1', { level: 'user', id: NOBODY, reason: 'a\u0085b' }, ['reason']],
    ['a reason with a lone surrogate', { level: 'user', id: NOBODY, reason: 'a\ud800' }, ['reason']],
    ['a reason of blanks', { level: 'user', id: NOBODY, reason: ' \u00a0' }, ['reason']],
    ['a reason that turns its direction', { level: 'user', id: NOBODY, reason: 'a\u202eb' }, ['reason']],
    ['a reason with an isolate', { level: 'user', id: NOBODY, reason: 'a\u2067b' }, ['reason']],
    ['a reason that is a number', { level: 'all', reason: 1 }, ['reason']],
    ['a reason that is a list', { level: 'all', reason: ['a'] }, ['reason']],
    ['an unknown field', { level: 'all', cutoff: 1 }, ['cutoff']],
  ])('%s', async (_, json, fields) => {
    const before = await count();
    expectWrongFields(await forbid(json), fields);
    expect(await count()).toBe(before);
  });
});

describe('POST /revocations/records', () => {
  it('forbids one token, for as long as any token may live, and no other of its session', async () => {
    const user = await given.aUser();
    const { jti } = claimsOf(user.access);
    const answer = await forbid({ level: 'token', id: jti.toUpperCase(), reason: 'ein Laptop — gestohlen 😀' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ level: 'token', id: jti, reason: 'ein Laptop — gestohlen 😀' });
    expect(Math.abs(secondsUntil(answer.body.expires_at) - LONGEST_SECONDS)).toBeLessThan(60);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expectInvalidToken(await secret(user.access));
    const [pair] = pairsIn(await service.api.post('/token/refresh', { token: user.refresh }));
    expect((await secret(pair!.access)).status).toBe(200);
  });

  it('forbids one refresh token by its name', async () => {
    const user = await given.aUser();
    await forbid({ level: 'token', id: claimsOf(user.refresh).jti });
    expectInvalidToken(await service.api.post('/token/refresh', { token: user.refresh }));
    expect((await secret(user.access)).status).toBe(200);
  });

  it('ends one session, row and record, and no other of the user', async () => {
    const user = await given.aUser();
    const elsewhere = await given.aLogin(user.username);
    const { sid } = claimsOf(user.access);
    const answer = await forbid({ level: 'session', id: sid });
    expect(answer.body).toMatchObject({ level: 'session', id: sid, reason: 'administrator' });
    expect(await aliveOf(service.api, [user])).toEqual([]);
    expect(await aliveOf(service.api, [elsewhere])).toHaveLength(2);
    const rows = await service.database.run('SELECT 1 FROM sessions WHERE id = $1 AND revoked_at IS NOT NULL', [sid]);
    expect(rows).toHaveLength(1);
  });

  it('ends a session also when its row is gone already', async () => {
    const { access } = await given.aUser();
    const { sid } = claimsOf(access);
    await service.database.run('DELETE FROM sessions WHERE id = $1', [sid]);
    expect((await secret(access)).status).toBe(200);
    expect((await forbid({ level: 'session', id: sid })).status).toBe(201);
    expectInvalidToken(await secret(access));
  });

  it('cuts a user off, who logs in anew', async () => {
    const user = await given.aUser();
    const elsewhere = await given.aLogin(user.username);
    const stranger = await given.aUser();
    const answer = await forbid({ level: 'user', id: user.id, reason: 'phished' });
    expect(answer.body).toMatchObject({ level: 'user', id: user.id, reason: 'phished' });
    expect(await aliveOf(service.api, [user, elsewhere])).toEqual([]);
    expect(await aliveOf(service.api, [await given.aLogin(user.username), stranger])).toHaveLength(4);
  });

  it('cuts a client off, whose next token passes', async () => {
    const clientId = randomUUID();
    await service.database.run(`INSERT INTO clients (id, client_name, scopes) VALUES ($1, 'shop', '{}')`, [clientId]);
    const before = await aClientToken(clientId);
    expect((await secret(before)).status).toBe(200);
    expect((await forbid({ level: 'user', id: clientId })).status).toBe(201);
    expectInvalidToken(await secret(before));
    expect((await secret(await aClientToken(clientId))).status).toBe(200);
  });

  it.each(['token', 'session', 'user'])('takes the id of a %s that nobody has', async (level) => {
    const id = randomUUID();
    const answer = await forbid({ level, id });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ level, id });
  });

  it('cuts off everybody, the caller too, and lets new logins in', async () => {
    const user = await given.aUser();
    const ofClient = await aClientToken(randomUUID());
    const answer = await forbid({ level: 'all', reason: 'leaked' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ level: 'all', id: null, reason: 'leaked' });
    for (const { access } of [user, admin]) expectInvalidToken(await secret(access));
    expectInvalidToken(await secret(ofClient));
    expect(await aliveOf(service.api, [user, admin])).toEqual([]);
    admin = await given.aLogin(admin.username);
    expect((await secret(admin.access)).status).toBe(200);
    expect(await aliveOf(service.api, [await given.aLogin(user.username)])).toHaveLength(2);
  });

  it('keeps the first reason of a session, and takes the last one of a cutoff', async () => {
    const user = await given.aUser();
    const ofSession = { level: 'session', id: claimsOf(user.access).sid };
    const first = await forbid({ ...ofSession, reason: 'first' });
    const again = await forbid({ ...ofSession, reason: 'second' });
    expect(again.body).toMatchObject({ reason: 'first', created_at: first.body.created_at });
    const ofUser = { level: 'user', id: user.id };
    const cutoff = await forbid({ ...ofUser, reason: 'first' });
    const raised = await forbid({ ...ofUser, reason: 'second' });
    expect(raised.body.reason).toBe('second');
    expect(raised.body.created_at > cutoff.body.created_at).toBe(true);
  });
});

describe('GET /revocations/records', () => {
  it.each(['limit=0', 'limit=201', 'limit=1e1', 'limit=', 'level=key', 'level=', 'level=user&level=all'])(
    'refuses %s',
    async (query) => {
      expectWrongFields(await list(`?${query}`), [query.split('=')[0]!]);
    },
  );

  it.each(['', 'x', `1.key.${NOBODY}`, `-1.all.${NOBODY}`, `1.all.${NOBODY}x`, `123456789012345678.all.${NOBODY}`])(
    'refuses the cursor “%s”',
    async (cursor) => {
      expectWrongFields(await list(`?cursor=${encodeURIComponent(cursor)}`), ['cursor']);
    },
  );

  it('refuses an unknown parameter', async () => {
    expectWrongFields(await list('?before=1'), ['before']);
  });

  it('takes the largest cursor that it could have given', async () => {
    expect((await list(`?cursor=99999999999999999.user.${NOBODY}`)).status).toBe(200);
  });

  it('shows the newest first, and no target of level all', async () => {
    await forbid({ level: 'user', id: NOBODY, reason: 'older' });
    const id = randomUUID();
    await forbid({ level: 'token', id, reason: 'newer' });
    const { records } = (await list('?limit=2')).body as { records: Record[] };
    expect(records).toEqual([
      { level: 'token', id, reason: 'newer', created_at: expect.any(String), expires_at: expect.any(String) },
      { level: 'user', id: NOBODY, reason: 'older', created_at: expect.any(String), expires_at: expect.any(String) },
    ]);
    expect((await list('?level=all')).body).toMatchObject({ records: [{ level: 'all', id: null }], next_cursor: null });
  });

  it('goes through all of them page by page, each once, also those of one moment', async () => {
    // Times that differ by microseconds alone, and many of one transaction.
    await service.database.run(`
      INSERT INTO revocations (level, target, reason, created_at, expires_at)
      SELECT level, gen_random_uuid(), 'logout', now() - (n % 7) * interval '1 microsecond', now() + interval '1 hour'
      FROM generate_series(1, 40) AS n, unnest(ARRAY['token', 'session']) AS level`);
    for (const level of [undefined, 'token']) {
      const seen = await pages(`?limit=9${level ? `&level=${level}` : ''}`);
      const rows = await service.database.run<{ level: string; target: string }>(
        'SELECT level, target FROM revocations WHERE level = $1 OR $1 IS NULL ORDER BY created_at DESC, level DESC, target DESC',
        [level ?? null],
      );
      expect(seen.map((record) => `${record.level} ${record.id}`)).toEqual(
        rows.map(({ level: ofRow, target }) => `${ofRow} ${ofRow === 'all' ? null : target}`),
      );
    }
  });
});

async function pages(query: string): Promise<Record[]> {
  const seen: Record[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await list(`${query}${cursor && `&cursor=${cursor}`}`);
    seen.push(...(body.records as Record[]));
    cursor = body.next_cursor as string | null;
  }
  return seen;
}
