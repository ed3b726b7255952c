import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer } from '../support/api-client.js';
import { type Account, Given } from '../support/given.js';
import { expectInvalidToken, expectProblem } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, and the races. Every test begins with no user at all.
let service: TestService;
let given: Given;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
});
afterAll(() => service.stop());
beforeEach(async () => {
  await service.database.run('DELETE FROM users');
});

type Removal = (by: Account, of: Account) => Promise<Answer>;
const change =
  (json: object): Removal =>
  (by, { id }) =>
    service.api.patch(`/users/${id}`, { token: by.access, json });

const removals: [removal: string, remove: Removal][] = [
  ['deleted', (by, { id }) => service.api.delete(`/users/${id}`, { token: by.access })],
  ['disabled', change({ disabled: true })],
  ['demoted', change({ roles: [] })],
  ['demoted to another role', change({ roles: ['editor'] })],
];

function administrators(): Promise<{ id: string }[]> {
  return service.database.run(`SELECT id FROM users WHERE 'admin' = ANY (roles) AND disabled_at IS NULL`);
}

describe('the last administrator', () => {
  it.each([
    ...removals,
    ['deleted by himself', (by) => service.api.delete('/users/me', { token: by.access })],
  ] as typeof removals)('cannot be %s, and keeps his tokens', async (_, remove) => {
    const admin = await given.anAdmin();
    await given.aUser();
    expectProblem(await remove(admin, admin), 'last_administrator');
    expect((await service.api.get('/users', { token: admin.access })).status).toBe(200);
    expect(await administrators()).toEqual([{ id: admin.id }]);
  });

  it.each(removals)('cannot be %s when the only other one is disabled', async (_, remove) => {
    const admin = await given.anAdmin();
    const other = await given.anAdmin();
    expect((await change({ disabled: true })(admin, other)).status).toBe(200);
    expectProblem(await remove(admin, admin), 'last_administrator');
    expect(await administrators()).toEqual([{ id: admin.id }]);
  });

  it('cannot be demoted in the change that enables another', async () => {
    const admin = await given.anAdmin();
    expectProblem(await change({ disabled: false, roles: [] })(admin, admin), 'last_administrator');
    expect(await administrators()).toHaveLength(1);
  });
});

describe('one administrator of two', () => {
  it.each(removals)('can be %s, and what was issued to him ends', async (_, remove) => {
    const admin = await given.anAdmin();
    const other = await given.anAdmin();
    expect((await remove(admin, other)).status).toBe(200);
    expect(await aliveOf(service.api, [other])).toEqual([]);
    expect(await administrators()).toEqual([{ id: admin.id }]);
  });

  it('can demote himself, and his token is refused from then on', async () => {
    const admin = await given.anAdmin();
    const other = await given.anAdmin();
    expect((await change({ roles: [] })(admin, admin)).status).toBe(200);
    expectInvalidToken(await service.api.get('/users', { token: admin.access }));
    expect(await administrators()).toEqual([{ id: other.id }]);
  });

  it.each(removals)('wins when both want the other %s at once', { timeout: 60_000 }, async (_, remove) => {
    for (let round = 0; round < 3; round++) {
      await service.database.run('DELETE FROM users');
      const [a, b] = [await given.anAdmin(), await given.anAdmin()];
      const answers = await Promise.all([remove(a, b), remove(b, a)]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      // The other comes too late: he is no administrator any more, or the last one is not to be removed.
      for (const { status } of answers) expect([200, 401, 409]).toContain(status);
      expect(await administrators()).toHaveLength(1);
      const [winner, loser] = answers[0]?.status === 200 ? [a, b] : [b, a];
      expect((await service.api.get('/users', { token: winner.access })).status).toBe(200);
      expect(await aliveOf(service.api, [loser])).toEqual([]);
    }
  });

  it.each(removals)('stays when both want themselves %s at once', { timeout: 60_000 }, async (_, remove) => {
    for (let round = 0; round < 3; round++) {
      await service.database.run('DELETE FROM users');
      const [a, b] = [await given.anAdmin(), await given.anAdmin()];
      const answers = await Promise.all([remove(a, a), remove(b, b)]);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
      expect(await administrators()).toHaveLength(1);
    }
  });
});

describe('DELETE /users', () => {
  const deleteAll = (token?: string) => service.api.delete('/users', token ? { token } : {});

  it('refuses a request without a token, or of a user who is no administrator, and deletes nobody', async () => {
    const user = await given.aUser();
    expectProblem(await deleteAll(), 'missing_token');
    const answer = await deleteAll(user.access);
    expectProblem(answer, 'insufficient_scope');
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer error="insufficient_scope"/);
    expect((await service.api.get('/secret', { token: user.access })).status).toBe(200);
  });

  it.each([0, 1, 3])('deletes every user but the caller, and says how many: %i', async (count) => {
    const admin = await given.anAdmin();
    const others = [];
    for (let n = 0; n < count; n++) others.push(n === 2 ? await given.anAdmin() : await given.aUser());
    expect((await deleteAll(admin.access)).body).toEqual({ message: `${count} row(s) deleted` });
    const rows = await service.database.run('SELECT id FROM users');
    expect(rows).toEqual([{ id: admin.id }]);
    expect(await aliveOf(service.api, others)).toEqual([]);
    expect((await service.api.get('/users', { token: admin.access })).body.users).toHaveLength(1);
    expect((await service.api.post('/token/refresh', { token: admin.refresh })).status).toBe(200);
  });

  it('leaves one administrator when two ask at once', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 3; round++) {
      await service.database.run('DELETE FROM users');
      const [a, b] = [await given.anAdmin(), await given.anAdmin()];
      const answers = await Promise.all([deleteAll(a.access), deleteAll(b.access)]);
      // The other is gone by the time he is looked at again.
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const { status } of answers) expect([200, 401, 403]).toContain(status);
      expect(await administrators()).toHaveLength(1);
    }
  });
});
