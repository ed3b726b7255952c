import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, Given } from '../support/given.js';
import { expectInvalidToken, expectProblem, expectWrongFields } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL. Most users are rows without a password of their own.
let service: TestService;
let given: Given;
let admin: Account;
let user: Account;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
  user = await given.aUser();
  admin = await given.anAdmin();
  // Sixty in three batches; those of a batch were made in the same microsecond.
  for (const batch of ['a', 'b', 'c']) await insertUsers(20, `crowd-${batch}`);
});
afterAll(() => service.stop());

interface ListedUser {
  id: string;
  username: string;
  created_at: string;
}

function insertUsers(count: number, prefix: string): Promise<unknown> {
  const sql = `INSERT INTO users (id, username, password_hash)
    SELECT gen_random_uuid(), $2 || '-' || n, 'no-hash' FROM generate_series(1, $1::int) n`;
  return service.database.run(sql, [count, prefix]);
}

const list = (query: string, token = admin.access) => service.api.get(`/users${query}`, { token });

async function allPages(query: string, between?: () => Promise<unknown>): Promise<ListedUser[]> {
  const listed: ListedUser[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const answer = await list(`?${query}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    expect(answer.status).toBe(200);
    listed.push(...(answer.body.users as ListedUser[]));
    cursor = answer.body.next_cursor as string | null;
    await between?.();
  }
  return listed;
}

async function namesOf(search: string): Promise<string[]> {
  const { body } = await list(`?limit=200&search=${encodeURIComponent(search)}`);
  return (body.users as ListedUser[]).map(({ username }) => username);
}

describe('GET /users', () => {
  it('refuses a request without a token', async () => {
    expectProblem(await service.api.get('/users'), 'missing_token');
  });

  it('refuses a refresh token', async () => {
    expectInvalidToken(await list('', admin.refresh));
  });

  it('refuses a user who is no administrator, before anything else is looked at', async () => {
    for (const query of ['', '?limit=x']) {
      const answer = await list(query, user.access);
      expectProblem(answer, 'insufficient_scope');
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer error="insufficient_scope"/);
    }
  });

  it.each([
    ...['0', '-1', '201', '1.5', '1e2', 'x', '', 'NaN', '0x10', '99999999999999999999', '%00'].map((limit) => [
      'limit',
      limit,
    ]),
    ...['zz', '', '%00', '1', '1.', '.', 'a.b', `1.${randomUUID()}.2`, `x.${randomUUID()}`].map((cursor) => [
      'cursor',
      cursor,
    ]),
    ...[`${'9'.repeat(40)}.${randomUUID()}`, `-1.${randomUUID()}`, `1e300.${randomUUID()}`, '1.%00'].map((c) => [
      'cursor',
      c,
    ]),
    ...[`9223372036854775807.${randomUUID()}`, `8640000000000001000.${randomUUID()}`].map((c) => ['cursor', c]),
    // No name has these letters; what LIKE and regular expressions read as more than a letter is among them.
    ...['', 'x'.repeat(121), '%00', '%FF', '%25', 'f.*d', '%5C', '[a-z]', "'%20OR%201=1--", 'ſ', '%C4%B0'].map(
      (search) => ['search', search],
    ),
    ['unknown', 'x'],
    ['__proto__', 'x'],
    ['constructor', 'x'],
  ])('refuses the parameter %s=%s', async (name, value) => {
    expectWrongFields(await list(`?${name}=${value}`), [name]);
  });

  it.each(['limit=1&limit=2', 'search=a&search=b', 'cursor=a&cursor=b'])(
    'refuses a repeated parameter: %s',
    async (query) => {
      expectWrongFields(await list(`?${query}`), [query.split('=')[0]!]);
    },
  );

  it('answers every user exactly once across the pages, newest first', async () => {
    const rows = await service.database.run<{ id: string }>('SELECT id FROM users ORDER BY created_at DESC, id DESC');
    for (const limit of [1, 7, 31, rows.length, 200]) {
      const listed = await allPages(`limit=${limit}`);
      expect(listed.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    }
  });

  it('ends with a page that has no cursor, also when the last page is full', async () => {
    const { body } = await list('?search=crowd-a&limit=20');
    expect(body.users).toHaveLength(20);
    expect(body.next_cursor).toBeNull();
  });

  it('repeats nobody and loses nobody while users come', async () => {
    const before = await service.database.run<{ id: string }>(`SELECT id FROM users ORDER BY created_at DESC, id DESC`);
    let batch = 0;
    const listed = await allPages('limit=9', () => insertUsers(3, `newcomer-${batch++}`));
    expect(listed.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  it('has 50 on a page unless told', async () => {
    expect((await list('')).body.users).toHaveLength(50);
  });

  it('searches a part of the name without regard to case, letter by letter', async () => {
    const names = ['Find.Me+1@example', 'find_me-2', 'findXme-3'];
    for (const name of names) await insertUsers(1, name);
    expect(await namesOf('FIND')).toEqual(names.map((name) => `${name}-1`).toReversed());
    expect(await namesOf('find.me+1@')).toEqual(['Find.Me+1@example-1']);
    expect(await namesOf('find_me')).toEqual(['find_me-2-1']);
    expect(await namesOf('d.M')).toEqual(['Find.Me+1@example-1']);
  });

  it('keeps to the search across pages', async () => {
    const listed = await allPages('search=CROWD-B&limit=6');
    expect(listed).toHaveLength(20);
    for (const { username } of listed) expect(username).toMatch(/^crowd-b-/);
  });

  it('shows no hash, and says the page is not to be stored', async () => {
    const answer = await list('?limit=200');
    expect(JSON.stringify(answer.body)).not.toMatch(/argon2|hash|password/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const shown = Object.keys((answer.body.users as object[])[0]!);
    expect(shown.toSorted()).toEqual(['created_at', 'disabled', 'id', 'roles', 'username']);
  });
});
