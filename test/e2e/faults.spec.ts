import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer } from '../support/api-client.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { type Account, Given } from '../support/given.js';
import { expectInvalidToken, expectUnavailable } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL, and its refusals: a trigger that raises, and commits that fail.
let service: TestService;
let given: Given;
let faults: DatabaseFaults;
let admin: Account;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
  faults = new DatabaseFaults(service.database);
  admin = await given.anAdmin();
});
afterAll(() => service.stop());
afterEach(async () => {
  for (const table of ['revocations', 'sessions', 'users']) await faults.heal(table);
});

const secret = (token: string) => service.api.get('/secret', { token });

type Act = (user: Account) => Promise<Answer>;
const revocations: [act: string, act: Act][] = [
  ['POST /logout/access', ({ access }) => service.api.post('/logout/access', { token: access })],
  ['POST /logout/refresh', ({ refresh }) => service.api.post('/logout/refresh', { token: refresh })],
  ['POST /logout', ({ access }) => service.api.post('/logout', { token: access })],
  ['DELETE /users/me', ({ access }) => service.api.delete('/users/me', { token: access })],
  ['DELETE /users/:id', ({ id }) => service.api.delete(`/users/${id}`, { token: admin.access })],
  ['DELETE /users', () => service.api.delete('/users', { token: admin.access })],
  ['PATCH disabled', ({ id }) => service.api.patch(`/users/${id}`, { token: admin.access, json: { disabled: true } })],
  ['PATCH roles', ({ id }) => service.api.patch(`/users/${id}`, { token: admin.access, json: { roles: [] } })],
];

describe('a revocation that cannot be stored', () => {
  it.each(revocations)('is 503, undoes what belongs to it, and can be asked again: %s', async (_, act) => {
    const { username } = await given.aUser();
    await service.database.run(`UPDATE users SET roles = '{editor}' WHERE username = $1`, [username]);
    const user = await given.aLogin(username);
    await faults.refuseWrites('revocations');
    expectUnavailable(await act(user));
    await faults.heal('revocations');
    // Nothing half done: as long as the answer was not 200, the user, the session and the tokens are as they were.
    expect((await secret(user.access)).status).toBe(200);
    const { body } = await service.api.get(`/users/${user.id}`, { token: admin.access });
    expect(body).toMatchObject({ disabled: false, roles: ['editor'] });
    expect((await act(user)).status).toBe(200);
    expectInvalidToken(await secret(user.access));
  });

  it.each(['P0001', '23505', '23503', '22003', '25006', '40001', '40P01', '42501', '55P03', '57014', 'XX000'])(
    'is 503 whatever the database calls it: %s',
    async (code) => {
      const user = await given.aUser();
      await faults.refuseWrites('revocations', 'INSERT', code);
      for (const [, act] of revocations.slice(0, 4)) expectUnavailable(await act(user));
      await faults.heal('revocations');
      expect((await secret(user.access)).status).toBe(200);
    },
  );

  it.each(['refuse', 'die'] as const)('is 503 when it fails as late as its commit: %s', async (how) => {
    const user = await given.aUser();
    await faults.failCommits('revocations', how);
    expectUnavailable(await service.api.post('/logout', { token: user.access }));
    await faults.heal('revocations');
    // Whoever gets a 503 may ask again; a service that cannot know may already refuse the token.
    expect([200, 401]).toContain((await service.api.post('/logout', { token: user.access })).status);
    expectInvalidToken(await secret(user.access));
  });

  it('is 503 for the reuse of a refresh token too, whose session ends when it can', async () => {
    const user = await given.aUser();
    const second = (await service.api.post('/token/refresh', { token: user.refresh })).body as {
      refresh_token: string;
    };
    await service.api.post('/token/refresh', { token: second.refresh_token });
    await faults.refuseWrites('revocations');
    expectUnavailable(await service.api.post('/token/refresh', { token: user.refresh }));
    await faults.heal('revocations');
    expectInvalidToken(await service.api.post('/token/refresh', { token: user.refresh }));
    expectInvalidToken(await secret(user.access));
  });
});
