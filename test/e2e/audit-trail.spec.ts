import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AuditEventName } from '../../src/audit/audit-events.js';
import { AuditTrail } from '../../src/audit/audit-trail.service.js';
import { BY_SYSTEM } from '../../src/audit/origin.js';
import { RefusalWriter } from '../../src/audit/refusal-writer.service.js';
import { type Answer, type RequestOptions } from '../support/api-client.js';
import { auditRows } from '../support/audit.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { type Account, aPassword, aUsername, Given } from '../support/given.js';
import { basic, GivenClients } from '../support/given-clients.js';
import { expectInvalidToken, expectProblem, expectUnavailable } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL, and its refusals: a trigger that raises, a table that is locked. A trusted proxy says from where.
let service: TestService;
let given: Given;
let faults: DatabaseFaults;
let admin: Account;

beforeAll(async () => {
  service = await startService({ TRUST_PROXY: '127.0.0.1' });
  given = new Given(service);
  faults = new DatabaseFaults(service.database);
  admin = await given.anAdmin();
});
afterAll(() => service.stop());
afterEach(async () => {
  for (const table of ['audit_events', 'revocations', 'sessions']) await faults.heal(table);
  // The next test has the whole of a minute.
  service.app.get(RefusalWriter).endMinute();
});

const rows = (event?: AuditEventName) => auditRows(service.database, event);
const newPassword = 'another horse, another staple';
const secret = (token: string) => service.api.get('/secret', { token });

function login(username: string, password: string, headers: Record<string, string> = {}): Promise<Answer> {
  return service.api.post('/login', { json: { username, password }, headers });
}

const asAdmin = (method: string, path: string, json?: object, options: RequestOptions = {}) =>
  service.api.send(method, path, { token: admin.access, ...(json && { json }), ...options });

type Act = (user: Account) => Promise<Answer>;
const deeds: [deed: string, act: Act][] = [
  ['POST /logout', ({ access }) => service.api.post('/logout', { token: access })],
  ['POST /logout/access', ({ access }) => service.api.post('/logout/access', { token: access })],
  ['POST /logout/refresh', ({ refresh }) => service.api.post('/logout/refresh', { token: refresh })],
  ['POST /logout/all', ({ access }) => service.api.post('/logout/all', { token: access })],
  ['PATCH disabled', ({ id }) => asAdmin('PATCH', `/users/${id}`, { disabled: true })],
  ['PUT password', ({ id }) => asAdmin('PUT', `/users/${id}/password`, { new_password: newPassword })],
  ['DELETE /users/:id', ({ id }) => asAdmin('DELETE', `/users/${id}`)],
  ['POST /revocations/records', ({ id }) => asAdmin('POST', '/revocations/records', { level: 'user', id })],
  [
    'PATCH /users/me/password',
    ({ access: token }) =>
      service.api.patch('/users/me/password', {
        token,
        json: { current_password: aPassword, new_password: newPassword },
      }),
  ],
];

describe('a deed whose row cannot be written', () => {
  it.each(deeds)('is 503, is not done, and can be asked for again: %s', async (_, act) => {
    const user = await given.aUser();
    await faults.refuseWrites('audit_events');
    expectUnavailable(await act(user));
    await faults.heal('audit_events');
    expect((await secret(user.access)).status).toBe(200);
    expect((await act(user)).status).toBeLessThan(300);
    expectInvalidToken(await secret(user.access));
  });

  it('is no login, no registration, no client and no key', async () => {
    const { id, username } = await given.aUser();
    const name = aUsername();
    const countsBefore = await counts();
    await faults.refuseWrites('audit_events');
    expectUnavailable(await login(username, aPassword));
    expectUnavailable(await service.api.post('/registration', { json: { username: name, password: aPassword } }));
    expectUnavailable(await asAdmin('POST', '/clients', { client_name: 'orders', scope: '' }));
    expectUnavailable(await asAdmin('POST', '/keys/rotate'));
    expect(await counts()).toEqual(countsBefore);
    expect(await service.database.run('SELECT 1 FROM sessions WHERE user_id = $1', [id])).toHaveLength(1);
  });

  it('leaves a session whose token was reused as it was, to be ended by the next return of it', async () => {
    const user = await given.aUser();
    const { body } = await service.api.post('/token/refresh', { token: user.refresh });
    await service.api.post('/token/refresh', { token: body.refresh_token as string });
    await faults.refuseWrites('audit_events');
    expectUnavailable(await service.api.post('/token/refresh', { token: user.refresh }));
    expect((await secret(user.access)).status).toBe(200);
    await faults.heal('audit_events');
    expectInvalidToken(await service.api.post('/token/refresh', { token: user.refresh }));
    expectInvalidToken(await secret(user.access));
  });

  function counts() {
    return service.database
      .run(`SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM sessions) AS sessions,
      (SELECT count(*) FROM clients) AS clients, (SELECT max(activates_at) FROM signing_keys) AS "lastKey"`);
  }
});

describe('a deed that is undone', () => {
  it('has no row: its revocation could not be stored', async () => {
    const user = await given.aUser();
    const before = await rows();
    await faults.refuseWrites('revocations');
    for (const [, act] of deeds) expectUnavailable(await act(user));
    expect(await rows()).toEqual(before);
  });

  it('has no row: it was refused', async () => {
    const before = await rows();
    expectProblem(await asAdmin('PATCH', `/users/${admin.id}`, { disabled: true }), 'last_administrator');
    expectProblem(await asAdmin('DELETE', '/users/00000000-0000-4000-8000-000000000000'), 'user_not_found');
    const json = { username: admin.username, password: aPassword };
    expectProblem(await service.api.post('/registration', { json }), 'username_taken');
    expect(await rows()).toEqual(before);
  });

  it('has no row: its commit failed', async () => {
    const user = await given.aUser();
    const before = await rows();
    await faults.failCommits('revocations', 'refuse');
    expectUnavailable(await service.api.post('/logout', { token: user.access }));
    expect(await rows()).toEqual(before);
  });
});

describe('nothing is recorded', () => {
  it('outside of the transaction of its deed', async () => {
    const facts = { by: BY_SYSTEM, target: null, details: {} };
    const { manager } = service.app.get(DataSource);
    await expect(service.app.get(AuditTrail).record('user.deleted', facts, manager)).rejects.toThrow(/transaction/);
  });

  it('of a refresh, of a token that a client gets for itself, of reading, and of a change that changes nothing', async () => {
    const user = await given.aUser();
    const clients = new GivenClients(service);
    const client = await clients.aClient('tokens:introspect');
    const before = await rows();
    await service.api.post('/token/refresh', { token: user.refresh });
    const token = await clients.aToken(client);
    await service.api.post('/oauth/introspect', { form: { token }, headers: basic(client) });
    for (const path of ['/users', '/audit', '/keys', `/users/${user.id}`]) await asAdmin('GET', path);
    await asAdmin('PATCH', `/users/${user.id}`, { disabled: false, roles: [] });
    expect(await rows()).toEqual(before);
  });
});

describe('a row', () => {
  it('tells from where, in the one spelling of an address, and by which program, cut', async () => {
    const { username } = await given.aUser();
    const userAgent = 'x'.repeat(2_000);
    for (const [said, ip] of [
      ['::ffff:192.0.2.7', '192.0.2.7'],
      ['2001:DB8:0:0::00:1', '2001:db8::1'],
      ['192.0.2.8', '192.0.2.8'],
    ] as const) {
      await login(username, aPassword, { 'x-forwarded-for': said, 'user-agent': userAgent });
      const [row] = await rows('login.succeeded');
      expect(row).toMatchObject({ ip, user_agent: 'x'.repeat(512) });
    }
  });

  it('has the name of the request, in common with the others that it led to', async () => {
    const users = await Promise.all(Array.from({ length: 3 }, () => given.aUser()));
    const { headers } = await asAdmin('PATCH', `/users/${users[0]!.id}`, { disabled: true, roles: ['editor'] });
    const [disabled] = await rows('user.disabled');
    const [rolesChanged] = await rows('user.roles_changed');
    expect(disabled!.request_id).toBe(headers.get('x-request-id'));
    expect(rolesChanged!.request_id).toBe(disabled!.request_id);
    await asAdmin('DELETE', '/users');
    const deleted = (await rows('user.deleted')).filter(({ actor_id }) => actor_id === admin.id);
    const ofRequest = deleted.filter(({ request_id }) => request_id === deleted[0]!.request_id);
    expect(ofRequest.map(({ target_id }) => target_id)).toEqual(expect.arrayContaining(users.map(({ id }) => id)));
    expect(deleted[0]!.request_id).not.toBe(disabled!.request_id);
  });

  it('outlives whom it tells of', async () => {
    const user = await given.aUser();
    await login(user.username, aPassword);
    await asAdmin('DELETE', `/users/${user.id}`);
    const events = (await rows()).filter(({ target_id }) => target_id === user.id).map(({ event }) => event);
    expect(events).toEqual(['user.deleted', 'login.succeeded']);
  });

  it('tells the same of twenty at once that it tells of each alone', async () => {
    const users = await Promise.all(Array.from({ length: 20 }, () => given.aUser()));
    await Promise.all(
      users.map(({ access: token }, n) =>
        service.api.post('/logout', { token, headers: { 'x-forwarded-for': `198.51.100.${n}` } }),
      ),
    );
    const ended = await rows('session.ended');
    for (const [n, { id }] of users.entries()) {
      expect(ended.find(({ target_id }) => target_id === id)).toMatchObject({ actor_id: id, ip: `198.51.100.${n}` });
    }
  });
});

describe('a refusal', () => {
  const refuse = (ip: string, username = aUsername()) => login(username, 'not that one', { 'x-forwarded-for': ip });

  it('never keeps what was typed as a name that nobody has: it may be a password', async () => {
    const typed = `hunter2-${aUsername()}`;
    expectProblem(await login(typed, 'x'), 'invalid_credentials');
    const [row] = await rows('login.refused');
    expect(row).toMatchObject({ target_type: null, target_id: null });
    expect(JSON.stringify(await rows())).not.toContain(typed);
  });

  it('is written twenty times a minute for a network, and the rest is counted', async () => {
    const before = (await rows('login.refused')).length;
    await Promise.all(Array.from({ length: 30 }, (_, n) => refuse(`203.0.113.${n}`)));
    await refuse('203.0.114.1');
    expect((await rows('login.refused')).length - before).toBe(21);
    service.app.get(RefusalWriter).endMinute();
    await expect
      .poll(async () => (await rows('refusals.left_out'))[0]?.details)
      .toEqual({
        count: 10,
        networks: 1,
        busiest_network: '203.0.113.0/24',
      });
    await refuse('203.0.113.1');
    expect((await rows('login.refused')).length - before).toBe(22);
  });

  it('is answered as ever when its row cannot be written, and the trail goes on', async () => {
    const { username } = await given.aUser();
    await faults.refuseWrites('audit_events');
    expectProblem(await refuse('203.0.115.1', username), 'invalid_credentials');
    expectProblem(await refuse('203.0.115.1'), 'invalid_credentials');
    await faults.heal('audit_events');
    const before = (await rows('login.refused')).length;
    await refuse('203.0.115.1', username);
    expect((await rows('login.refused')).length).toBe(before + 1);
  });

  it('waits a quarter of a second at most for a table that is locked, and is written when it is free', async () => {
    const { username } = await given.aUser();
    const before = (await rows('login.refused')).length;
    const holder = new Client({ connectionString: service.database.url });
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE');
    // Were it waited for, nobody would be answered before the lock is released below.
    const answers = await Promise.all([refuse('203.0.116.1', username), refuse('203.0.116.1')]);
    for (const answer of answers) expectProblem(answer, 'invalid_credentials');
    await holder.query('COMMIT');
    await holder.end();
    await expect.poll(async () => (await rows('login.refused')).length).toBe(before + 2);
  });
});
