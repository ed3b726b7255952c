import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, aPassword, claimsOf, Given } from '../support/given.js';
import { expectInvalidToken, expectProblem } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf, type Pair, pairsIn } from '../support/tokens.js';

// Real: HTTP, PostgreSQL. A login grows old by moving the time of its session's row.
let service: TestService;
let given: Given;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
});
afterAll(() => service.stop());

const me = (token: string) => service.api.get('/users/me', { token });
const deleteMe = (token: string) => service.api.delete('/users/me', { token });

/** The pair of a session that began that long ago; a refresh is no new login. */
async function loggedInAgo(interval: string, account: Account): Promise<Pair> {
  const sql = 'UPDATE sessions SET created_at = created_at - $1::interval WHERE id = $2';
  await service.database.run(sql, [interval, claimsOf(account.access).sid]);
  return pairsIn(await service.api.post('/token/refresh', { token: account.refresh }))[0]!;
}

async function exists({ id }: Account): Promise<boolean> {
  return (await service.database.run('SELECT 1 FROM users WHERE id = $1', [id])).length === 1;
}

describe('GET /users/me', () => {
  it('refuses a request without a token', async () => {
    expectProblem(await service.api.get('/users/me'), 'missing_token');
  });

  it('refuses a refresh token', async () => {
    expectInvalidToken(await me((await given.aUser()).refresh));
  });

  it('answers the own account, by its id and its name as it was registered, and no hash', async () => {
    const { id, username, access } = await given.aUser(`Mixed.Case-${Date.now()}`);
    const answer = await me(access);
    expect(answer.body).toEqual({ id, username, roles: [], disabled: false, created_at: expect.any(String) });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});

describe('DELETE /users/me', () => {
  it('refuses a request without a token', async () => {
    expectProblem(await service.api.delete('/users/me'), 'missing_token');
  });

  it('refuses a refresh token, and the account stays', async () => {
    const user = await given.aUser();
    expectInvalidToken(await deleteMe(user.refresh));
    expect(await exists(user)).toBe(true);
  });

  it('refuses a login of more than 5 minutes ago, however new the token, and says how old it may be', async () => {
    const user = await given.aUser();
    const { access } = await loggedInAgo('6 minutes', user);
    const answer = await deleteMe(access);
    expectProblem(answer, 'insufficient_user_authentication');
    const challenge = answer.headers.get('www-authenticate');
    expect(challenge).toMatch(/^Bearer error="insufficient_user_authentication"/);
    expect(challenge).toMatch(/\bmax_age="?300"?(,|$)/);
    expect(await exists(user)).toBe(true);
    expect((await me(access)).status).toBe(200);
  });

  it('takes the same user’s new login', async () => {
    const user = await given.aUser();
    const { access: old } = await loggedInAgo('6 minutes', user);
    expect((await deleteMe((await given.aLogin(user.username)).access)).status).toBe(200);
    expectInvalidToken(await me(old));
  });

  it('takes a login of 4 minutes ago', async () => {
    const user = await given.aUser();
    const { access } = await loggedInAgo('4 minutes', user);
    expect((await deleteMe(access)).status).toBe(200);
  });

  it('ends every token of every session, and the user is gone', async () => {
    const user = await given.aUser();
    const elsewhere = await given.aLogin(user.username);
    const answer = await deleteMe(user.access);
    expect(answer.body).toEqual({ message: expect.stringMatching(/\S/) });
    expect(await exists(user)).toBe(false);
    expect(await aliveOf(service.api, [user, elsewhere])).toEqual([]);
    for (const { access } of [user, elsewhere]) {
      expectInvalidToken(await me(access));
      expectInvalidToken(await deleteMe(access));
    }
    const json = { username: user.username, password: aPassword };
    expectProblem(await service.api.post('/login', { json }), 'invalid_credentials');
  });

  it('frees the name, whose next user is somebody else: the old tokens stay dead', async () => {
    const before = await given.aUser();
    await deleteMe(before.access);
    const after = await given.aUser(before.username.toUpperCase());
    expect(after.id).not.toBe(before.id);
    expect(await aliveOf(service.api, [before])).toEqual([]);
    expect((await me(after.access)).body.username).toBe(before.username.toUpperCase());
  });

  it('deletes once when it is asked ten times at once', async () => {
    const user = await given.aUser();
    const answers = await Promise.all(Array.from({ length: 10 }, () => deleteMe(user.access)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => ![200, 401, 404].includes(status))).toEqual([]);
  });
});
