import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, claimsOf, Given } from '../support/given.js';
import { expectProblem } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, argon2.
let service: TestService;
let given: Given;
let admin: Account;
let phone: Account;
let laptop: Account;
let stranger: Account;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
  admin = await given.anAdmin();
});
beforeEach(async () => {
  phone = await given.aUser();
  laptop = await given.aLogin(phone.username);
  stranger = await given.aUser();
});
afterAll(() => service.stop());

interface Listed {
  id: string;
  current: boolean;
}

const sidOf = ({ access }: Account) => claimsOf(access).sid;
const alive = (...accounts: Account[]) => aliveOf(service.api, accounts);

async function listedBy({ access: token }: Account, path = '/sessions'): Promise<Listed[]> {
  const { body } = await service.api.get(path, { token });
  return (body as { sessions: Listed[] }).sessions;
}

describe('GET /sessions', () => {
  it('lists the own living sessions, newest first, and says which one asks', async () => {
    expect(await listedBy(phone)).toMatchObject([
      { id: sidOf(laptop), current: false },
      { id: sidOf(phone), current: true },
    ]);
  });

  it('tells the device by what it said of itself', async () => {
    const json = { username: phone.username, password: phone.password };
    await service.api.post('/login', { json, headers: { 'user-agent': `Telephone/${'1'.repeat(600)}` } });
    const [newest] = await listedBy(phone);
    expect(newest).toMatchObject({ user_agent: `Telephone/${'1'.repeat(502)}`, ip: '127.0.0.1' });
  });

  it('leaves out what was ended, what is over and what was cut off', async () => {
    await service.api.post('/logout', { token: laptop.refresh });
    expect(await listedBy(phone)).toHaveLength(1);
    await service.database.run(`UPDATE sessions SET expires_at = now() WHERE id = $1`, [sidOf(phone)]);
    expect(await listedBy(phone)).toEqual([]);
    const again = await given.aLogin(phone.username);
    await service.api.post('/logout/all', { token: again.access });
    expect(await listedBy(await given.aLogin(phone.username))).toHaveLength(1);
  });
});

describe('DELETE /sessions/:id', () => {
  it("answers 404 for a stranger's session as for none, and ends nothing", async () => {
    for (const sid of [sidOf(stranger), '00000000-0000-4000-8000-000000000000']) {
      expectProblem(await service.api.delete(`/sessions/${sid}`, { token: phone.access }), 'session_not_found');
    }
    expectProblem(await service.api.delete('/sessions/none', { token: phone.access }), 'not_found');
    expect(await alive(stranger)).toHaveLength(2);
  });

  it('ends that session, everything issued in it, and no other', async () => {
    const answer = await service.api.delete(`/sessions/${sidOf(laptop)}`, { token: phone.access });
    expect(answer).toMatchObject({ status: 200, body: { message: 'Session has been ended' } });
    expect(await alive(laptop)).toEqual([]);
    expect(await alive(phone)).toHaveLength(2);
    expectProblem(await service.api.delete(`/sessions/${sidOf(laptop)}`, { token: phone.access }), 'session_not_found');
  });
});

describe('logging out of several devices', () => {
  it('POST /logout/all ends every session of the user, in one row, and lets a new login in', async () => {
    const answer = await service.api.post('/logout/all', { token: phone.access });
    expect(answer).toMatchObject({ status: 200, body: { message: 'Logged out everywhere' } });
    expect(await alive(phone, laptop)).toEqual([]);
    expect(await alive(stranger)).toHaveLength(2);
    const rows = await service.database.run('SELECT level FROM revocations WHERE target = $1', [phone.id]);
    expect(rows).toEqual([{ level: 'user' }]);
    expect(await alive(await given.aLogin(phone.username))).toHaveLength(2);
  });

  it('POST /logout/others ends every session but the one that asks', async () => {
    const answer = await service.api.post('/logout/others', { token: phone.access });
    expect(answer).toMatchObject({ status: 200, body: { message: 'Logged out everywhere else' } });
    expect(await alive(laptop)).toEqual([]);
    expect(await alive(phone)).toHaveLength(2);
  });

  it.each(['/logout/all', '/logout/others'])('%s takes no refresh token', async (path) => {
    expectProblem(await service.api.post(path, { token: phone.refresh }), 'invalid_token');
    expect(await alive(phone, laptop)).toHaveLength(4);
  });
});

describe('an administrator', () => {
  const asAdmin = (method: string, path: string) =>
    service.api.send(method, `/users/${phone.id}${path}`, { token: admin.access });

  it.each([
    ['GET', '/sessions'],
    ['DELETE', '/sessions'],
    ['DELETE', '/sessions/00000000-0000-4000-8000-000000000000'],
    ['POST', '/logout'],
  ])('alone may %s %s', async (method, path) => {
    const answer = await service.api.send(method, `/users/${phone.id}${path}`, { token: phone.access });
    expectProblem(answer, 'insufficient_scope');
  });

  it('sees the sessions of a user, of whom none is the current one', async () => {
    expect(await listedBy(admin, `/users/${phone.id}/sessions`)).toMatchObject([
      { id: sidOf(laptop), current: false },
      { id: sidOf(phone), current: false },
    ]);
    const nobody = '/users/00000000-0000-4000-8000-000000000000/sessions';
    expectProblem(await service.api.get(nobody, { token: admin.access }), 'user_not_found');
  });

  it('ends one session of a user, and no session of another', async () => {
    expect((await asAdmin('DELETE', `/sessions/${sidOf(laptop)}`)).status).toBe(200);
    expect(await alive(laptop)).toEqual([]);
    expect(await alive(phone)).toHaveLength(2);
    expectProblem(await asAdmin('DELETE', `/sessions/${sidOf(stranger)}`), 'session_not_found');
    expect(await alive(stranger)).toHaveLength(2);
  });

  it.each([
    ['DELETE', '/sessions'],
    ['POST', '/logout'],
  ])('ends all of them with %s %s', async (method, path) => {
    expect((await asAdmin(method, path)).status).toBe(200);
    expect(await alive(phone, laptop)).toEqual([]);
    expect(await alive(stranger)).toHaveLength(2);
  });
});
