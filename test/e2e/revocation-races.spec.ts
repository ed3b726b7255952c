import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, ApiClient } from '../support/api-client.js';
import { testVariables } from '../support/environment.js';
import { type Account, aPassword, claimsOf, Given } from '../support/given.js';
import { HeldLock } from '../support/locks.js';
import { expectInvalidToken } from '../support/problem.js';
import { ServiceProcess } from '../support/process.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf, pairsIn } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, argon2. Where a test says who comes first, a transaction of its own stops one of them at a lock
// until the other has come to its lock too; elsewhere the requests are under way at once, and luck decides.
const ENCRYPTION_SECRET = randomBytes(32).toString('base64');
let service: TestService;
let given: Given;
let admin: Account;
let phone: Account;
let laptop: Account;

beforeAll(async () => {
  service = await startService({ ENCRYPTION_SECRET });
  given = new Given(service);
  admin = await given.anAdmin();
});
beforeEach(async () => {
  // The test before may have cut off everybody.
  if ((await service.api.get('/secret', { token: admin.access })).status === 401) {
    admin = await given.aLogin(admin.username);
  }
  phone = await given.aUser();
  await service.database.run(`UPDATE users SET roles = '{editor}' WHERE id = $1`, [phone.id]);
  laptop = await given.aLogin(phone.username);
});
afterAll(() => service.stop());

const refresh = ({ refresh: token }: Account) => service.api.post('/token/refresh', { token });
const login = () => service.api.post('/login', { json: { username: phone.username, password: aPassword } });
const asAdmin = (method: string, path: string, json?: unknown) =>
  service.api.send(method, path, { token: admin.access, ...(json !== undefined && { json }) });
const forbid = (json: object) => asAdmin('POST', '/revocations/records', json);

type Act = () => Promise<Answer>;
const NEXT = { new_password: 'a better horse, a better staple' };
const byPassword = { ...NEXT, current_password: aPassword };

/** What ends the phone's session. */
const endsOfSession: [end: string, act: Act][] = [
  ['POST /logout', () => service.api.post('/logout', { token: phone.access })],
  ['POST /logout/refresh', () => service.api.post('/logout/refresh', { token: phone.refresh })],
  ['POST /logout/others', () => service.api.post('/logout/others', { token: laptop.access })],
  ['DELETE /sessions/:id', () => service.api.delete(`/sessions/${sidOfPhone()}`, { token: laptop.access })],
  ['DELETE /users/:id/sessions/:sid', () => asAdmin('DELETE', `/users/${phone.id}/sessions/${sidOfPhone()}`)],
  ['a record of the session', () => forbid({ level: 'session', id: sidOfPhone() })],
];
const sidOfPhone = () => claimsOf(phone.access).sid;

/** What cuts the user off, who may log in afterwards. */
const cutoffs: [cutoff: string, act: Act][] = [
  ['POST /logout/all', () => service.api.post('/logout/all', { token: laptop.access })],
  ['POST /users/:id/logout', () => asAdmin('POST', `/users/${phone.id}/logout`)],
  ['the loss of a role', () => asAdmin('PATCH', `/users/${phone.id}`, { roles: [] })],
  ['a record of the user', () => forbid({ level: 'user', id: phone.id })],
];

/** It waits for nobody's row, and nobody for it. */
const cutoffOfAll: [cutoff: string, act: Act] = ['a record of all', () => forbid({ level: 'all' })];

/** What cuts the user off and keeps it from logging in as before. */
const exclusions: [exclusion: string, act: Act][] = [
  ['a new password', () => service.api.patch('/users/me/password', { token: laptop.access, json: byPassword })],
  ['the reset of the password', () => asAdmin('PUT', `/users/${phone.id}/password`, NEXT)],
  ['a disabling', () => asAdmin('PATCH', `/users/${phone.id}`, { disabled: true })],
  ['a deletion', () => asAdmin('DELETE', `/users/${phone.id}`)],
  ['the deletion of the own account', () => service.api.delete('/users/me', { token: laptop.access })],
  ['the deletion of everybody', () => asAdmin('DELETE', '/users')],
];

/** Nobody writes a revocation, so whoever ends something stops with every lock that comes before. */
const beforeRecording = () => HeldLock.on(service.database, 'LOCK TABLE revocations IN SHARE ROW EXCLUSIVE MODE');
/** Nobody writes a session, so whoever opens or rotates one stops with the lock of its user. */
const beforeSessions = () => HeldLock.on(service.database, 'LOCK TABLE sessions IN SHARE ROW EXCLUSIVE MODE');
/** A refresh of the phone stops in the middle of its statement: what it has read of revocations is the old state. */
const inRotation = () =>
  HeldLock.on(service.database, 'UPDATE sessions SET last_used_at = last_used_at WHERE id = $1', [sidOfPhone()]);

/** Lets the first come to the lock, then the others to theirs, and then all go on. */
async function inOrder(held: HeldLock, first: Act, ...others: Act[]): Promise<Answer[]> {
  const started = [first()];
  await held.stops(...started);
  for (const other of others) started.push(other());
  await held.stops(...started);
  await held.release('COMMIT');
  return Promise.all(started);
}

function expectDone(ended: Answer): void {
  expect([200, 201]).toContain(ended.status);
}

const alive = (accounts: Account[], ...answers: Answer[]) =>
  aliveOf(service.api, [...accounts, ...pairsIn(...answers)]);

describe('a refresh under way when its session is ended', () => {
  it.each([...endsOfSession, ...cutoffs, cutoffOfAll, ...exclusions])('leaves nothing alive: %s', async (_, end) => {
    const [refreshed, ended] = await inOrder(await inRotation(), () => refresh(phone), end);
    expectDone(ended!);
    expect([200, 401]).toContain(refreshed!.status);
    expect(await alive([phone], refreshed!)).toEqual([]);
  });

  it.each(endsOfSession)('is refused when the end comes first: %s', async (_, end) => {
    const [ended, refreshed] = await inOrder(await beforeRecording(), end, () => refresh(phone));
    expectDone(ended!);
    expectInvalidToken(refreshed!);
    expect(await alive([phone])).toEqual([]);
  });
});

describe('a spent refresh token sent again when its session is ended', () => {
  it.each(endsOfSession)('leaves nothing alive: %s', async (_, end) => {
    const spent = await refresh(phone);
    const [retried, ended] = await inOrder(await beforeSessions(), () => refresh(phone), end);
    expectDone(ended!);
    expect([200, 401]).toContain(retried!.status);
    expect(await alive([phone], spent, retried!)).toEqual([]);
  });
});

describe('a login, a refresh and a spent refresh token sent again, under way', () => {
  let spent: Answer;
  beforeEach(async () => {
    spent = await refresh(phone);
  });
  const issue: Act[] = [() => login(), () => refresh(laptop), () => refresh(phone)];

  /** A refresh waits for no cutoff and may be answered before it; a login waits for the user's row. */
  const afterCutoff = async (cutOff: Act) => inOrder(await beforeRecording(), cutOff, ...issue);

  it.each([...cutoffs, ...exclusions])('before a cutoff, all end with it: %s', async (_, cutOff) => {
    const held = await beforeSessions();
    const issued = issue.map((act) => act());
    await held.stops(...issued);
    const ended = cutOff();
    await held.stops(...issued, ended);
    await held.release();
    expectDone(await ended);
    const answers = await Promise.all(issued);
    // A retry reads its session twice, and the cutoff may come in between; a slow machine gives up at the lock.
    for (const { status } of answers) expect([200, 401, 503]).toContain(status);
    expect(await alive([phone, laptop], spent, ...answers)).toEqual([]);
  });

  it.each(cutoffs)('after a cutoff, nothing is alive but the login: %s', async (_, cutOff) => {
    const [ended, loggedIn, ...refreshed] = await afterCutoff(cutOff);
    expectDone(ended!);
    expect(await alive([phone, laptop], spent, ...refreshed)).toEqual([]);
    expect(await alive([], loggedIn!)).toHaveLength(2);
  });

  it('beside a cutoff of all, nothing is alive but a login that came after it', async () => {
    const [, forbidAll] = cutoffOfAll;
    const [ended, , ...refreshed] = await afterCutoff(forbidAll);
    expectDone(ended!);
    expect(await alive([phone, laptop], spent, ...refreshed)).toEqual([]);
    expect(await alive([await given.aLogin(phone.username)])).toHaveLength(2);
  });

  it.each(exclusions)('after one who keeps the user out, nothing is alive: %s', async (_, exclude) => {
    const [ended, loggedIn, ...refreshed] = await afterCutoff(exclude);
    expectDone(ended!);
    expect(loggedIn!.status).toBe(401);
    expect(await alive([phone, laptop], spent, ...refreshed)).toEqual([]);
  });
});

describe('chains of refreshes while an administrator cuts everybody off', () => {
  /** Far more than any comes to before the cutoff. */
  const LONGEST = 300;

  /** Refreshes on and on until it is refused; tells of each pair. */
  async function chain(first: Account, onPair: () => void): Promise<Account[]> {
    const pairs = [first];
    while (pairs.length < LONGEST) {
      const [pair] = pairsIn(await refresh(pairs.at(-1)!));
      if (!pair) break;
      pairs.push({ ...first, ...pair });
      onPair();
    }
    return pairs;
  }

  it('none survives, whichever came first', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 5; round++) {
      admin = await given.aLogin(admin.username);
      const users = await Promise.all(Array.from({ length: 8 }, () => given.aUser()));
      let count = 0;
      let cut: Promise<Answer> | undefined;
      const startLate = (): void => {
        if (++count === 10 + round) cut = forbid({ level: 'all' });
      };
      const chains = await Promise.all(users.map((user) => chain(user, startLate)));
      expect((await cut)?.status).toBe(201);
      expect(await alive(chains.flat())).toEqual([]);
    }
  });
});

describe('two administrators who cut off at once', () => {
  it.each<[string, () => object]>([
    ['all', () => ({ level: 'all' })],
    ['a user', () => ({ level: 'user', id: phone.id })],
    ['a session', () => ({ level: 'session', id: sidOfPhone() })],
    ['a token', () => ({ level: 'token', id: claimsOf(phone.access).jti })],
  ])('both are answered, and one record stands: %s', async (_, target) => {
    const other = await given.aLogin(admin.username);
    const asOther = () => service.api.post('/revocations/records', { token: other.access, json: target() });
    const answers = await inOrder(await beforeRecording(), () => forbid(target()), asOther);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expectInvalidToken(await service.api.get('/secret', { token: phone.access }));
    const { level } = answers[0]!.body as { level: string };
    const rows = await service.database.run<{ cutoff: string | null; is_past: boolean }>(
      `SELECT cutoff, cutoff <= (SELECT last_value FROM issue_numbers) AS is_past FROM revocations
       WHERE level = $1 AND (target = $2 OR level = 'all')`,
      [level, answers[0]!.body.id],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]!.is_past).toBe(rows[0]!.cutoff === null ? null : true);
  });
});

describe('a cutoff, on every instance', () => {
  let instance: ServiceProcess;
  let elsewhere: ApiClient;
  beforeAll(async () => {
    const { url: DATABASE_URL } = service.database;
    instance = new ServiceProcess({ ...testVariables({ ENCRYPTION_SECRET, LOG_LEVEL: 'info' }), DATABASE_URL });
    elsewhere = await ApiClient.for(await instance.listening());
  });
  afterAll(() => instance.end());

  const seconds = (answer: Answer) => claimsOf(answer.body.access_token as string)['iat'];

  it('refuses what was issued before it and passes what was issued after it, also in one second', async () => {
    let isOneSecond = false;
    for (let round = 0; round < 20 && !isOneSecond; round++) {
      admin = await given.aLogin(admin.username);
      const path = '/login';
      const json = { username: phone.username, password: aPassword };
      const before = await elsewhere.post(path, { json });
      expect((await forbid(round % 2 === 0 ? { level: 'all' } : { level: 'user', id: phone.id })).status).toBe(201);
      const after = await elsewhere.post(path, { json });
      isOneSecond = seconds(before) === seconds(after);
      for (const api of [service.api, elsewhere]) {
        expectInvalidToken(await api.get('/secret', { token: before.body.access_token }));
        expectInvalidToken(await api.post('/token/refresh', { token: before.body.refresh_token }));
        expect((await api.get('/secret', { token: after.body.access_token })).status).toBe(200);
      }
      expect((await elsewhere.post('/token/refresh', { token: after.body.refresh_token })).status).toBe(200);
    }
    expect(isOneSecond).toBe(true);
  });
});
