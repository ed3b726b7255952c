import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, aPassword, claimsOf, Given } from '../support/given.js';
import { expectInvalidToken, expectProblem, expectWrongFields } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf } from '../support/tokens.js';

// Real: HTTP, PostgreSQL.
let service: TestService;
let given: Given;
let admin: Account;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
  admin = await given.anAdmin();
});
afterAll(() => service.stop());

const patch = (id: string, json: unknown, token = admin.access) => service.api.patch(`/users/${id}`, { token, json });
const read = (id: string, token = admin.access) => service.api.get(`/users/${id}`, { token });
const remove = (id: string, token = admin.access) => service.api.delete(`/users/${id}`, { token });
const login = ({ username }: Account) => service.api.post('/login', { json: { username, password: aPassword } });

describe.each(['GET', 'PATCH', 'DELETE'])('%s /users/:id', (method) => {
  const send = (id: string, token?: string) =>
    service.api.send(method, `/users/${id}`, {
      ...(token && { token }),
      ...(method === 'PATCH' && { json: { disabled: false } }),
    });

  it('refuses a request without a token', async () => {
    expectProblem(await send(admin.id), 'missing_token');
  });

  it('refuses who is no administrator, whether the user exists or not, himself included', async () => {
    const user = await given.aUser();
    for (const id of [admin.id, user.id, randomUUID(), 'no-id']) {
      const answer = await send(id, user.access);
      expectProblem(answer, 'insufficient_scope');
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer error="insufficient_scope"/);
    }
  });

  it('finds nobody under an id that nobody has', async () => {
    expectProblem(await send(randomUUID(), admin.access), 'user_not_found');
  });

  it.each(['no-id', '1', '%00', '__proto__', 'null', `${randomUUID()}0`, "'%20OR%201=1"])(
    'finds nothing under what is no id: %s',
    async (id) => {
      const answer = await send(id, admin.access);
      expect([400, 404]).toContain(answer.status);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    },
  );
});

describe('PATCH /users/:id', () => {
  it.each<[string, unknown, string[]]>([
    ['disabled is a text', { disabled: 'true' }, ['disabled']],
    ['disabled is a number', { disabled: 1 }, ['disabled']],
    ['disabled is null', { disabled: null }, ['disabled']],
    ['roles is a text', { roles: 'admin' }, ['roles']],
    ['roles is null', { roles: null }, ['roles']],
    ['roles is an object', { roles: { 0: 'admin' } }, ['roles']],
    ['roles holds a number', { roles: [1] }, ['roles']],
    ['roles holds null', { roles: [null] }, ['roles']],
    ['roles holds a list', { roles: [['admin']] }, ['roles']],
    ['roles holds an empty text', { roles: [''] }, ['roles']],
    ['roles holds NUL', { roles: ['a\0'] }, ['roles']],
    ['roles holds a lone surrogate', { roles: ['\ud800'] }, ['roles']],
    ['a role is there twice', { roles: ['a', 'a'] }, ['roles']],
    ['a role is endless', { roles: ['a'.repeat(10_000)] }, ['roles']],
    ['there are 21 roles', { roles: Array.from({ length: 21 }, (_, n) => `role-${n}`) }, ['roles']],
    ['a field is unknown', { disabled: true, username: 'other' }, ['username']],
    ['a field is the database’s', { password_hash: 'x', id: randomUUID() }, ['id', 'password_hash']],
  ])('refuses, and changes nothing, when %s', async (_, json, fields) => {
    const user = await given.aUser();
    expectWrongFields(await patch(user.id, json), fields);
    expect((await read(user.id)).body).toMatchObject({ disabled: false, roles: [], username: user.username });
    expect((await service.api.get('/secret', { token: user.access })).status).toBe(200);
  });

  it('disables: everything that was issued ends, and a login is refused', async () => {
    const user = await given.aUser();
    const elsewhere = await given.aLogin(user.username);
    const answer = await patch(user.id, { disabled: true });
    expect(answer.body).toMatchObject({ id: user.id, disabled: true });
    expectInvalidToken(await service.api.get('/secret', { token: user.access }));
    expect(await aliveOf(service.api, [user, elsewhere])).toEqual([]);
    expectProblem(await login(user), 'invalid_credentials');
  });

  it('enables: the user logs in again, and what was ended stays ended', async () => {
    const user = await given.aUser();
    await patch(user.id, { disabled: true });
    expect((await patch(user.id, { disabled: false })).body).toMatchObject({ disabled: false });
    expect(await aliveOf(service.api, [user])).toEqual([]);
    const { access } = await given.aLogin(user.username);
    expect((await service.api.get('/secret', { token: access })).status).toBe(200);
  });

  it('takes a role away: everything that was issued ends, and the next login is without it', async () => {
    const user = await given.aUser();
    await patch(user.id, { roles: ['editor', 'reader'] });
    const before = await given.aLogin(user.username);
    expect(claimsOf(before.access)['roles']).toEqual(['editor', 'reader']);
    expect((await patch(user.id, { roles: ['reader'] })).body).toMatchObject({ roles: ['reader'] });
    expect(await aliveOf(service.api, [user, before])).toEqual([]);
    expect(claimsOf((await given.aLogin(user.username)).access)['roles']).toEqual(['reader']);
  });

  it.each<[string, object, object]>([
    ['a role is given', { roles: ['editor'] }, { roles: ['editor'] }],
    ['nothing changes', { roles: [], disabled: false }, { roles: [], disabled: false }],
    ['nothing is asked', {}, { roles: [], disabled: false }],
  ])('lets what was issued live when %s', async (_, json, shown) => {
    const user = await given.aUser();
    expect((await patch(user.id, json)).body).toMatchObject(shown);
    expect((await service.api.get('/secret', { token: user.access })).status).toBe(200);
    const { body } = await service.api.post('/token/refresh', { token: user.refresh });
    expect(claimsOf(body.access_token as string)['roles']).toEqual((await read(user.id)).body.roles);
  });

  it('makes an administrator, who is one from the next token on', async () => {
    const user = await given.aUser();
    await patch(user.id, { roles: ['admin'] });
    expectProblem(await read(user.id, user.access), 'insufficient_scope');
    expect((await read(user.id, (await given.aLogin(user.username)).access)).status).toBe(200);
    await remove(user.id);
  });
});

describe('GET /users/:id', () => {
  it('reads a user whatever the case of the id, and shows no hash', async () => {
    const { id, username } = await given.aUser();
    const shown = { id, username, roles: [], disabled: false, created_at: expect.any(String) };
    expect((await read(id)).body).toEqual(shown);
    expect((await read(id.toUpperCase())).body).toEqual(shown);
  });
});

describe('DELETE /users/:id', () => {
  it('ends every token of the user, and finds nobody the second time', async () => {
    const user = await given.aUser();
    const elsewhere = await given.aLogin(user.username);
    expect((await remove(user.id)).body).toEqual({ message: expect.stringMatching(/\S/) });
    expectInvalidToken(await service.api.get('/secret', { token: user.access }));
    expect(await aliveOf(service.api, [user, elsewhere])).toEqual([]);
    expectProblem(await remove(user.id), 'user_not_found');
    expectProblem(await read(user.id), 'user_not_found');
  });

  it('frees the name, whose next user is somebody else: the old tokens stay dead', async () => {
    const before = await given.aUser();
    await remove(before.id);
    const after = await given.aUser(before.username);
    expect(after.id).not.toBe(before.id);
    expect(await aliveOf(service.api, [before])).toEqual([]);
  });
});
