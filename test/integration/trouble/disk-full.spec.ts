import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer } from '../../support/api-client.js';
import { DatabaseFaults } from '../../support/database-faults.js';
import { type Account, aPassword, aUsername, Given } from '../../support/given.js';
import { basic, type ClientAccount, GivenClients } from '../../support/given-clients.js';
import { expectInvalidToken, expectUnavailable } from '../../support/problem.js';
import { startService, type TestService } from '../../support/service.js';

/** What requests write; the tables of a chore or of the feed's counter are written along with them. */
const TABLES = ['users', 'sessions', 'revocations', 'clients', 'client_secrets', 'signing_keys', 'revocation_counter'];

// Real: HTTP, PostgreSQL, and its refusal of every write with the error of a full disk (53100), which a trigger raises.
let service: TestService;
let given: Given;
let faults: DatabaseFaults;
let admin: Account;
let client: ClientAccount;
let user: Account;
let revoked: Account;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
  faults = new DatabaseFaults(service.database);
  admin = await given.anAdmin();
  client = await new GivenClients(service).aClient('tokens:introspect tokens:revoke');
});
afterAll(() => service.stop());
beforeEach(async () => {
  [user, revoked] = [await given.aUser(), await given.aUser()];
  await service.api.post('/logout', { token: revoked.access });
  for (const table of TABLES) await faults.refuseWrites(table);
});
afterEach(async () => {
  for (const table of TABLES) await faults.heal(table);
});

type Act = () => Promise<Answer>;
const as = ({ access: token }: Account) => ({ token });
const writes: [act: string, act: Act][] = [
  [
    'POST /registration',
    () => service.api.post('/registration', { json: { username: aUsername(), password: aPassword } }),
  ],
  ['POST /login', () => service.api.post('/login', { json: { username: user.username, password: aPassword } })],
  ['POST /token/refresh', () => service.api.post('/token/refresh', { token: user.refresh })],
  ['POST /logout', () => service.api.post('/logout', as(user))],
  ['POST /logout/access', () => service.api.post('/logout/access', as(user))],
  ['POST /logout/refresh', () => service.api.post('/logout/refresh', { token: user.refresh })],
  ['POST /logout/all', () => service.api.post('/logout/all', as(user))],
  [
    'PATCH /users/me/password',
    () =>
      service.api.patch('/users/me/password', {
        ...as(user),
        json: { current_password: aPassword, new_password: `${aPassword}!` },
      }),
  ],
  ['DELETE /users/me', () => service.api.delete('/users/me', as(user))],
  ['DELETE /users/:id', () => service.api.delete(`/users/${user.id}`, as(admin))],
  ['PATCH /users/:id', () => service.api.patch(`/users/${user.id}`, { ...as(admin), json: { disabled: true } })],
  ['POST /clients', () => service.api.post('/clients', { ...as(admin), json: { client_name: 'a', scope: '' } })],
  ['POST /keys/rotate', () => service.api.post('/keys/rotate', as(admin))],
  [
    'POST /revocations/records',
    () =>
      service.api.post('/revocations/records', { ...as(admin), json: { level: 'user', id: user.id, reason: 'test' } }),
  ],
];

/** Everything that is kept, to compare. */
async function rows(): Promise<unknown[]> {
  return Promise.all(TABLES.map((table) => service.database.run(`SELECT t::text FROM ${table} AS t ORDER BY 1`)));
}

describe('a full disk', () => {
  it.each(writes)(
    'is 503 with Retry-After, nothing is half done, and nobody is let in or out by it: %s',
    async (_, act) => {
      const before = await rows();
      expectUnavailable(await act());
      expect(await rows()).toEqual(before);
      // A revocation that was not stored is not in force, and one that was stored is.
      expect((await service.api.get('/secret', as(user))).status).toBe(200);
      expectInvalidToken(await service.api.get('/secret', as(revoked)));
      for (const table of TABLES) await faults.heal(table);
      expect((await act()).status).toBeLessThan(300);
    },
  );

  it('is 503 at the revocation endpoint too, in its shape, and never 200', async () => {
    const revoke = () => service.api.post('/oauth/revoke', { form: { token: user.access }, headers: basic(client) });
    const { status, headers, body } = await revoke();
    expect({ status, error: body.error }).toEqual({ status: 503, error: 'temporarily_unavailable' });
    expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect((await service.api.get('/secret', as(user))).status).toBe(200);
    for (const table of TABLES) await faults.heal(table);
    expect((await revoke()).status).toBe(200);
    expectInvalidToken(await service.api.get('/secret', as(user)));
  });

  it('does not keep those out who only read', async () => {
    expect((await service.api.get('/users/me', as(user))).status).toBe(200);
    expect((await service.api.get('/sessions', as(user))).status).toBe(200);
    expect((await service.api.get('/health/ready')).status).toBe(200);
    const asked = await service.api.post('/oauth/introspect', { form: { token: user.access }, headers: basic(client) });
    expect(asked.body.active).toBe(true);
  });
});
