import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPassword, Given } from '../support/given.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf, pairsIn } from '../support/tokens.js';

// Real: HTTP, PostgreSQL. With one connection, whoever asks for a second while it holds the first waits forever.
let service: TestService;
let given: Given;

beforeAll(async () => {
  service = await startService({ DATABASE_POOL_SIZE: '1' });
  given = new Given(service);
});
afterAll(() => service.stop());

describe('a service with one database connection', () => {
  it('does all it does, one after the other', async () => {
    const admin = await given.anAdmin();
    const user = await given.aUser();
    const [pair] = pairsIn(await service.api.post('/token/refresh', { token: user.refresh }));
    expect((await service.api.get('/users?search=user', { token: admin.access })).body.users).toHaveLength(2);
    const path = `/users/${user.id}`;
    expect((await service.api.patch(path, { token: admin.access, json: { roles: ['a'] } })).status).toBe(200);
    expect((await service.api.patch(path, { token: admin.access, json: { disabled: true } })).status).toBe(200);
    expect(await aliveOf(service.api, [user, pair!])).toEqual([]);
    expect((await service.api.delete(path, { token: admin.access })).status).toBe(200);
    expect((await service.api.delete('/users', { token: admin.access })).body.message).toBe('0 row(s) deleted');
    expect((await service.api.get('/health/ready')).status).toBe(200);
  });

  it('leaves one chain after fifty refreshes at once', async () => {
    const { refresh: token } = await given.aUser();
    const answers = await Promise.all(Array.from({ length: 50 }, () => service.api.post('/token/refresh', { token })));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
    expect(new Set(pairsIn(...answers).map(({ refresh }) => refresh)).size).toBe(1);
  });

  it('answers registrations, logins, refreshes, logouts and lists that all come at once', async () => {
    const admin = await given.anAdmin();
    const users = await Promise.all(Array.from({ length: 10 }, () => given.aUser()));
    const answers = await Promise.all(
      users.flatMap(({ username, refresh, access }) => [
        service.api.post('/login', { json: { username, password: aPassword } }),
        service.api.post('/token/refresh', { token: refresh }),
        service.api.post('/logout/access', { token: access }),
        service.api.get('/users', { token: admin.access }),
      ]),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  });
});
