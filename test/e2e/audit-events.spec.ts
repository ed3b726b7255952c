import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AUDIT_EVENT_NAMES, type AuditEventName, auditEvents } from '../../src/audit/audit-events.js';
import { BY_COMMAND } from '../../src/audit/origin.js';
import { RefusalWriter } from '../../src/audit/refusal-writer.service.js';
import { AdministratorService } from '../../src/auth/administrator.service.js';
import { KeyRotation } from '../../src/tokens/keys/key-rotation.service.js';
import { KeyWatch } from '../../src/tokens/keys/key-watch.js';
import { keyFromPem } from '../../src/tokens/keys/pem-key.js';
import { withApplication } from '../../src/with-application.js';
import { type Answer, type RequestOptions } from '../support/api-client.js';
import { type AuditRow, auditRows } from '../support/audit.js';
import { testEnvironment } from '../support/environment.js';
import { type Account, aPassword, aUsername, claimsOf, Given } from '../support/given.js';
import { basic, type ClientAccount, GivenClients } from '../support/given-clients.js';
import { letKeysAge } from '../support/letting-keys-age.js';
import { Restartable } from '../support/restartable.js';
import { startService, type TestService } from '../support/service.js';
import { headerOf } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, every way to each event; a trusted proxy says from where. Command line tools run in this process.
let service: TestService;
let given: Given;
let admin: Account;
let clients: GivenClients;
let hosts = 0;

beforeAll(async () => {
  service = await startService({
    TRUST_PROXY: '127.0.0.1',
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_NAME_FAILURES: '2',
    RATE_LIMIT_ADDRESS_REGISTRATIONS: '1',
  });
  given = new Given(service);
  await anew();
});
afterAll(() => service.stop());

/** Administrators whose tokens nothing has ended. */
async function anew(): Promise<void> {
  clients = new GivenClients(service);
  admin = await given.anAdmin();
}

type Expected = Partial<Omit<AuditRow, 'id' | 'event'>>;

/** Does something, and says what the row has to tell beside what the table says of its event. */
type Act = () => Promise<Expected>;

const newPassword = 'another horse, another staple';

/** From a network that nobody else has: of each, only so many refusals are written. */
function send(method: string, path: string, options: RequestOptions = {}): Promise<Answer & { ip: string }> {
  const ip = `10.${hosts >> 8}.${hosts++ & 255}.1`;
  const headers = { 'x-forwarded-for': ip, 'user-agent': 'the test', ...options.headers };
  return service.api.send(method, path, { ...options, headers }).then((answer) => ({ ...answer, ip }));
}

const asAdmin = (method: string, path: string, json?: object) =>
  send(method, path, { token: admin.access, ...(json && { json }) });

const byAdmin = (target: { target_type: string; target_id: string | null }): Expected => ({
  actor_type: 'user',
  actor_id: admin.id,
  session_id: claimsOf(admin.access).sid,
  ...target,
});

const ofUser = (id: string) => ({ target_type: 'user', target_id: id });
const ofClient = ({ id }: Pick<ClientAccount, 'id'>) => ({ target_type: 'client', target_id: id });
const ofKey = (kid: string | null = expect.any(String)) => ({ target_type: 'key', target_id: kid });

/** A user who did it to the own account. */
const byUser = ({ id, access }: Account): Expected => ({
  actor_type: 'user',
  actor_id: id,
  ...ofUser(id),
  session_id: claimsOf(access).sid,
});

const byNobody = { actor_type: 'anonymous', actor_id: null, session_id: null };
const bySystem = { actor_type: 'system', actor_id: null, session_id: null, ip: null, request_id: null };
const toNobody = { target_type: null, target_id: null };

const change = (user: Account, current_password: string) =>
  send('PATCH', '/users/me/password', { token: user.access, json: { current_password, new_password: newPassword } });

const login = (username: string, password: string) => send('POST', '/login', { json: { username, password } });

/** An administrator's change of a user. */
async function changed(json: object, details: object, before?: object): Promise<Expected> {
  const { id } = await given.aUser();
  if (before) await asAdmin('PATCH', `/users/${id}`, before);
  expect((await asAdmin('PATCH', `/users/${id}`, json)).status).toBe(200);
  return { ...byAdmin(ofUser(id)), details: { ...details } };
}

const acts: Partial<Record<AuditEventName, Act>> = {
  'user.registered': async () => {
    const json = { username: aUsername(), password: aPassword };
    const { body, ip } = await send('POST', '/registration', { json });
    const { sub, sid } = claimsOf(body.access_token as string);
    return { actor_type: 'user', actor_id: sub, ...ofUser(sub), session_id: sid, ip, user_agent: 'the test' };
  },
  'registration.throttled': async () => {
    const headers = { 'x-forwarded-for': '198.51.100.1' };
    const register = () =>
      send('POST', '/registration', { json: { username: aUsername(), password: aPassword }, headers });
    await register();
    expect((await register()).status).toBe(429);
    return { ...byNobody, ...toNobody, ip: '198.51.100.1', details: { limit: 'registrations-at-address' } };
  },
  'login.succeeded': async () => {
    const user = await given.aUser();
    const { body, ip } = await login(user.username, aPassword);
    return { ...byUser(user), session_id: claimsOf(body.access_token as string).sid, ip };
  },
  'login.refused': async () => {
    const { id, username } = await given.aUser();
    const { ip } = await login(username, 'not that one');
    return { ...byNobody, ...ofUser(id), ip, details: { reason: 'wrong_password' } };
  },
  'login.throttled': async () => {
    const name = aUsername();
    for (let n = 0; n < 2; n++) await login(name, 'not that one');
    expect((await login(name, 'not that one')).status).toBe(429);
    return { ...byNobody, ...toNobody, details: { limit: 'failures-of-name' } };
  },
  'refresh_token.reused': async () => {
    const user = await given.aUser();
    const { body } = await send('POST', '/token/refresh', { token: user.refresh });
    await send('POST', '/token/refresh', { token: body.refresh_token as string });
    const { ip, status } = await send('POST', '/token/refresh', { token: user.refresh });
    expect(status).toBe(401);
    return { ...byUser(user), ip, details: { generation: 1 } };
  },
  'access_token.revoked': async () => {
    const user = await given.aUser();
    await send('POST', '/logout/access', { token: user.access });
    return { ...byUser(user), details: { jti: claimsOf(user.access).jti, reason: 'logout' } };
  },
  'session.ended': async () => {
    const user = await given.aUser();
    const sid = claimsOf(user.access).sid;
    await asAdmin('DELETE', `/users/${user.id}/sessions/${sid}`);
    return { ...byAdmin(ofUser(user.id)), session_id: sid, details: { reason: 'administrator' } };
  },
  'sessions.ended': async () => {
    const user = await given.aUser();
    await send('POST', '/logout/all', { token: user.access });
    return { ...byUser(user), details: { reason: 'logout' } };
  },
  'other_sessions.ended': async () => {
    const user = await given.aUser();
    await given.aLogin(user.username);
    await send('POST', '/logout/others', { token: user.access });
    return { ...byUser(user), details: { count: 1 } };
  },
  'password.changed': async () => {
    const user = await given.aUser();
    expect((await change(user, aPassword)).status).toBe(200);
    return byUser(user);
  },
  'password_change.refused': async () => {
    const user = await given.aUser();
    expect((await change(user, 'not that one')).status).toBe(403);
    return byUser(user);
  },
  'password_change.throttled': async () => {
    const user = await given.aUser();
    for (let n = 0; n < 2; n++) await change(user, 'not that one');
    expect((await change(user, 'not that one')).status).toBe(429);
    return { ...byUser(user), details: { limit: 'failures-of-name' } };
  },
  'password.reset': async () => {
    const { id } = await given.aUser();
    expect((await asAdmin('PUT', `/users/${id}/password`, { new_password: newPassword })).status).toBe(200);
    return byAdmin(ofUser(id));
  },
  'access.refused': async () => {
    const user = await given.aUser();
    const { ip, status } = await send('GET', '/users', { token: user.access });
    expect(status).toBe(403);
    return { ...byUser(user), ...toNobody, ip, details: { role: 'admin' } };
  },
  'user.disabled': () => changed({ disabled: true }, {}),
  'user.enabled': () => changed({ disabled: false }, {}, { disabled: true }),
  'user.roles_changed': () => changed({ roles: ['editor'] }, { before: [], after: ['editor'] }),
  'user.deleted': async () => {
    const { id } = await given.aUser();
    await asAdmin('DELETE', `/users/${id}`);
    return byAdmin(ofUser(id));
  },
  'client.created': async () => {
    const { body } = await asAdmin('POST', '/clients', { client_name: 'orders', scope: 'tokens:revoke' });
    return { ...byAdmin(ofClient({ id: body.client_id as string })), details: { scope: 'tokens:revoke' } };
  },
  'client.secret_renewed': async () => {
    const client = await clients.aClient();
    await asAdmin('POST', `/clients/${client.id}/secret`, { previous_secret_expires_in: 60 });
    return { ...byAdmin(ofClient(client)), details: { previous_secret_expires_in: 60 } };
  },
  'client.deleted': async () => {
    const client = await clients.aClient();
    await asAdmin('DELETE', `/clients/${client.id}`);
    return byAdmin(ofClient(client));
  },
  'client.refused': async () => {
    const client = await clients.aClient();
    const headers = basic({ id: client.id, secret: 'not that one' });
    expect((await send('POST', '/oauth/introspect', { form: { token: 'a' }, headers })).status).toBe(401);
    return { ...byNobody, ...ofClient(client) };
  },
  'key.rotated': async () => {
    await asAdmin('POST', '/keys/rotate');
    return { ...byAdmin(ofKey()), details: expect.objectContaining({ activates_at: expect.any(String) }) };
  },
  'key.forbidden': async () => {
    const kid = headerOf(admin.access)['kid'] as string;
    // Ends the administrator's token too, by its key.
    expect((await asAdmin('POST', `/keys/${kid}/forbid`)).status).toBe(200);
    const expected = byAdmin(ofKey(kid));
    await anew();
    return { ...expected, details: { purpose: 'access', algorithm: 'ES256' } };
  },
  'revocation.recorded': async () => {
    const { id } = await given.aUser();
    await asAdmin('POST', '/revocations/records', { level: 'user', id, reason: 'laptop was stolen' });
    return { ...byAdmin(ofUser(id)), details: { reason: 'laptop was stolen' } };
  },
  'revocation.refused': async () => {
    const client = await clients.aClient();
    const user = await given.aUser();
    const answer = await send('POST', '/oauth/revoke', { form: { token: user.access }, headers: basic(client) });
    expect(answer.status).toBe(403);
    const { sid, jti } = claimsOf(user.access);
    return { actor_type: 'client', actor_id: client.id, ...ofUser(user.id), session_id: sid, details: { jti } };
  },
  'refusals.left_out': async () => {
    const headers = { 'x-forwarded-for': '2001:db8::1' };
    const refused = () =>
      send('POST', '/login', { json: { username: aUsername(), password: 'not that one' }, headers });
    // A whole minute for what follows.
    service.app.get(RefusalWriter).endMinute();
    await Promise.all(Array.from({ length: 23 }, refused));
    service.app.get(RefusalWriter).endMinute();
    const details = { count: 3, networks: 1, busiest_network: '2001:db8::/64' };
    return { ...bySystem, ...toNobody, details };
  },
};

/** Further ways, whose rows tell something else. */
const otherWays: [way: string, event: AuditEventName, act: Act][] = [
  ...(['/logout', '/logout/refresh'] as const).map((path): [string, AuditEventName, Act] => [
    `POST ${path} with a refresh token`,
    'session.ended',
    async () => {
      const user = await given.aUser();
      await send('POST', path, { token: user.refresh });
      return { ...byUser(user), details: { reason: 'logout' } };
    },
  ]),
  [
    'the end of another of the own sessions',
    'session.ended',
    async () => {
      const user = await given.aUser();
      const other = claimsOf((await given.aLogin(user.username)).access).sid;
      await send('DELETE', `/sessions/${other}`, { token: user.access });
      return { ...byUser(user), session_id: other, details: { reason: 'logout' } };
    },
  ],
  [
    'a login beyond the sessions that a user may have',
    'session.ended',
    async () => {
      const user = await given.aUser();
      for (let sessions = 1; sessions < 50; sessions++) await given.aLogin(user.username);
      await login(user.username, aPassword);
      return { ...byUser(user), details: { reason: 'too_many' } };
    },
  ],
  [
    'a refresh token that a client takes back',
    'session.ended',
    async () => {
      const [user, client] = [await given.aUser(), await clients.aClient('tokens:revoke')];
      await send('POST', '/oauth/revoke', { form: { token: user.refresh }, headers: basic(client) });
      const { sid } = claimsOf(user.access);
      return {
        actor_type: 'client',
        actor_id: client.id,
        ...ofUser(user.id),
        session_id: sid,
        details: { reason: 'client' },
      };
    },
  ],
  [
    'a token that its holder takes back at the OAuth endpoint',
    'access_token.revoked',
    async () => {
      const user = await given.aUser();
      await send('POST', '/oauth/revoke', { form: { token: user.access, client_id: 'recant' } });
      return { ...byUser(user), details: { jti: claimsOf(user.access).jti, reason: 'logout' } };
    },
  ],
  [
    'a token of a client',
    'access_token.revoked',
    async () => {
      const client = await clients.aClient();
      await send('POST', '/logout/access', { token: await clients.aToken(client) });
      return { actor_type: 'client', actor_id: client.id, ...ofClient(client), session_id: null };
    },
  ],
  [
    'a deletion of the own account',
    'user.deleted',
    async () => {
      const user = await given.aUser();
      await send('DELETE', '/users/me', { token: user.access });
      return byUser(user);
    },
  ],
  [
    'a follower of the revocations with a wrong secret, which is a GET',
    'client.refused',
    async () => {
      const client = await clients.aClient('revocations:read');
      const { ip } = await send('GET', '/revocations', { headers: basic({ id: client.id, secret: 'not that one' }) });
      return { ...byNobody, ...ofClient(client), ip };
    },
  ],
  [
    'a secret in the place of the id of a client',
    'client.refused',
    async () => {
      const client = await clients.aClient();
      await send('POST', '/oauth/introspect', { form: { token: 'a', client_id: client.secret, client_secret: 'a' } });
      return { ...byNobody, ...toNobody };
    },
  ],
  [
    'the revocation of everything',
    'revocation.recorded',
    async () => {
      await asAdmin('POST', '/revocations/records', { level: 'all' });
      const expected = byAdmin({ target_type: 'all', target_id: null });
      await anew();
      return { ...expected, details: { reason: 'administrator' } };
    },
  ],
  ...(['unknown_name', 'disabled'] as const).map((reason): [string, AuditEventName, Act] => [
    `a login that is refused: ${reason}`,
    'login.refused',
    async () => {
      const { id, username } = await given.aUser();
      await asAdmin('PATCH', `/users/${id}`, { disabled: true });
      const target = reason === 'disabled' ? ofUser(id) : toNobody;
      await login(reason === 'disabled' ? username : aUsername(), aPassword);
      return { ...byNobody, ...target, details: { reason } };
    },
  ]),
];

/** What is done by no request. Each has a database of its own, since another application takes the strategies along. */
const apart: Partial<Record<AuditEventName, (recant: Restartable) => Promise<Expected>>> = {
  'administrator.created': async ({ database }) => {
    const environment = testEnvironment({ DATABASE_URL: database.url });
    await withApplication(environment, (app) =>
      app.get(AdministratorService).create(aUsername(), aPassword, BY_COMMAND),
    );
    return { actor_type: 'command', actor_id: null, target_type: 'user', target_id: expect.any(String) };
  },
  'key.created': async (recant) => {
    await recant.restart();
    return { ...bySystem, ...ofKey() };
  },
  'key.imported': async ({ database }) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = keyFromPem(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    const environment = testEnvironment({ DATABASE_URL: database.url });
    await withApplication(environment, (app) => app.get(KeyRotation).bringIn(key, BY_COMMAND));
    return { actor_type: 'command', actor_id: null, ...ofKey(key.kid) };
  },
  'key.retired': async (recant) => {
    await recant.restart();
    await recant.restart({ JWT_ALGORITHM: 'HS256', JWT_SECRET: 'a secret of thirty-two bytes, or more' });
    return { ...bySystem, ...ofKey(), details: { purpose: 'access', algorithm: 'ES256' } };
  },
};

function expectRow(row: AuditRow | undefined, event: AuditEventName, expected: Expected): void {
  const facts = auditEvents[event];
  expect(row).toMatchObject({ event, outcome: facts.outcome, ...expected });
  expect(facts.by).toContain(row!.actor_type);
  expect([...facts.to, null]).toContain(row!.target_type);
  expect(Object.keys(row!.details).toSorted()).toEqual(Object.keys(facts.details).toSorted());
}

async function expectRecorded(event: AuditEventName, act: Act): Promise<void> {
  const [before] = await auditRows(service.database, event);
  const expected = await act();
  // What no request does is not waited for.
  await expect.poll(async () => (await auditRows(service.database, event))[0]?.id).not.toBe(before?.id);
  const [row] = await auditRows(service.database, event);
  expectRow(row, event, expected);
  if (expected.request_id === null) return;
  expect(row).toMatchObject({ user_agent: 'the test', ip: expect.any(String), request_id: expect.any(String) });
}

describe('every event of the table', () => {
  it('has a way to it', () => {
    expect([...Object.keys(acts), ...Object.keys(apart)].toSorted()).toEqual(AUDIT_EVENT_NAMES.toSorted());
  });

  it.each(Object.keys(acts) as (keyof typeof acts)[])('is recorded as it says: %s', (event) =>
    expectRecorded(event, acts[event]!),
  );

  it.each(otherWays)('is recorded by every way to it: %s', (_, event, act) => expectRecorded(event, act));
});

describe('an event that no request leads to', () => {
  let recant: Restartable;
  beforeEach(async () => {
    recant = await Restartable.create();
  });
  afterEach(() => recant.end());

  it.each(Object.keys(apart) as (keyof typeof apart)[])('is recorded as it says: %s', async (event) => {
    const expected = await apart[event]!(recant);
    const [row] = await auditRows(recant.database, event);
    expectRow(row, event, expected);
  });

  it('is the first administrator of the configuration, made once', async () => {
    const variables = { ADMIN_USERNAME: aUsername(), ADMIN_PASSWORD: newPassword };
    for (let starts = 0; starts < 2; starts++) await recant.restart(variables);
    const rows = await auditRows(recant.database, 'administrator.created');
    expect(rows).toHaveLength(1);
    expectRow(rows[0], 'administrator.created', bySystem);
  });

  it('is a key that takes over because its time has come, recorded once by all instances together', async () => {
    const { app } = await recant.restart();
    const before = await recant.database.run<{ kid: string }>(
      `SELECT kid FROM signing_keys WHERE purpose = 'access' ORDER BY activates_at DESC`,
    );
    await letKeysAge(recant.database, 2_592_000);
    const looks = Array.from({ length: 5 }, () => app.get(KeyRotation).tidy());
    await Promise.all([...looks, app.get(KeyWatch).look()]);
    const rotated = await auditRows(recant.database, 'key.rotated');
    expect(rotated.map(({ details }) => String(details['purpose'])).toSorted()).toEqual(['access', 'refresh']);
    const ofAccess = rotated.find(({ details }) => details['purpose'] === 'access');
    expectRow(ofAccess, 'key.rotated', { ...bySystem, ...ofKey(before[0]!.kid) });
  });
});
