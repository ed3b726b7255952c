import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, aPassword, Given } from '../support/given.js';
import { expectProblem, expectWrongFields } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf, pairsIn } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, argon2, the races.
let service: TestService;
let given: Given;
let admin: Account;
let user: Account;

const NEXT = 'a better horse, a better staple';

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
  admin = await given.anAdmin();
});
beforeEach(async () => {
  user = await given.aUser();
});
afterAll(() => service.stop());

const login = (password: string) => service.api.post('/login', { json: { username: user.username, password } });
const change = (current_password: string, new_password: string, token = user.access) =>
  service.api.patch('/users/me/password', { token, json: { current_password, new_password } });
const reset = (new_password: string, token = admin.access) =>
  service.api.send('PUT', `/users/${user.id}/password`, { token, json: { new_password } });

describe('PATCH /users/me/password', () => {
  it('refuses a wrong current password and changes nothing', async () => {
    expectProblem(await change('not this one', NEXT), 'wrong_password');
    expect((await login(NEXT)).status).toBe(401);
    expect(await aliveOf(service.api, [user])).toHaveLength(2);
  });

  it('refuses a new password that registration would refuse, and names it', async () => {
    for (const refused of ['short', 'Passw0rd', `x9 ${user.username} k7`])
      expectWrongFields(await change(aPassword, refused), ['new_password']);
    expect(await aliveOf(service.api, [user])).toHaveLength(2);
  });

  it('ends everything older, of every device, and answers a pair that lives', async () => {
    const other = await given.aLogin(user.username);
    const answer = await change(aPassword, NEXT);
    expect(answer.status).toBe(200);
    expect(await aliveOf(service.api, [user, other])).toEqual([]);
    expect(await aliveOf(service.api, pairsIn(answer))).toHaveLength(2);
    expect((await login(aPassword)).status).toBe(401);
    expect((await login(NEXT)).status).toBe(200);
  });

  it('lets one of two changes at once win', async () => {
    const answers = await Promise.all([change(aPassword, `${NEXT} 1`), change(aPassword, `${NEXT} 2`)]);
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    // The second hears that the password is wrong by now, or that its token was ended by the first.
    expect(statuses[0]).toBe(200);
    expect([401, 403]).toContain(statuses[1]);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect((await login(`${NEXT} ${winner + 1}`)).status).toBe(200);
  });

  it('leaves nothing of a login or refresh with the old one that races it', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 6; round++) {
      user = await given.aUser();
      const changed = change(aPassword, NEXT);
      for (let turn = 0; turn < round; turn++) await service.api.get('/health/live');
      const racing = await Promise.all([
        login(aPassword),
        service.api.post('/token/refresh', { token: user.refresh }),
        login(aPassword),
      ]);
      expect((await changed).status).toBe(200);
      expect(await aliveOf(service.api, [user, ...pairsIn(...racing)])).toEqual([]);
      expect(await aliveOf(service.api, pairsIn(await changed))).toHaveLength(2);
    }
  });
});

describe('PUT /users/:id/password', () => {
  it('is for administrators, with a recent login', async () => {
    expectProblem(await reset(NEXT, user.access), 'insufficient_scope');
    const aged = await given.anAdmin();
    await service.database.run(
      `UPDATE sessions SET created_at = created_at - interval '6 minutes' WHERE user_id = $1`,
      [aged.id],
    );
    const { body } = await service.api.post('/token/refresh', { token: aged.refresh });
    expectProblem(await reset(NEXT, body.access_token), 'insufficient_user_authentication');
    expect((await login(aPassword)).status).toBe(200);
  });

  it('refuses what registration would refuse, and changes nothing', async () => {
    for (const refused of ['short', 'Passw0rd', `x9 ${user.username} k7`])
      expectWrongFields(await reset(refused), ['new_password']);
    expect(await aliveOf(service.api, [user])).toHaveLength(2);
  });

  it('sets the password and ends everything issued before', async () => {
    expect(await reset(NEXT)).toMatchObject({ status: 200, body: { message: 'Password has been changed' } });
    expect(await aliveOf(service.api, [user])).toEqual([]);
    expect((await login(aPassword)).status).toBe(401);
    expect((await login(NEXT)).status).toBe(200);
  });
});
