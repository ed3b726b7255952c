import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, aPassword, claimsOf, Given } from '../support/given.js';
import { type Answer } from '../support/api-client.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf, pairsIn } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, argon2, and the races: both requests are under way at once, round after round, the one first in
// one round and the other in the next.
let service: TestService;
let given: Given;
let admin: Account;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
  admin = await given.anAdmin();
});
afterAll(() => service.stop());

const refresh = ({ refresh: token }: Account) => service.api.post('/token/refresh', { token });
const login = ({ username }: Account) => service.api.post('/login', { json: { username, password: aPassword } });
const disable = ({ id }: Account) =>
  service.api.patch(`/users/${id}`, { token: admin.access, json: { disabled: true } });
const remove = ({ id }: Account) => service.api.delete(`/users/${id}`, { token: admin.access });

type Act = (account: Account) => Promise<Answer>;
const ends: [end: string, act: Act][] = [
  ['a logout with the access token', ({ access }) => service.api.post('/logout', { token: access })],
  ['a logout with the refresh token', ({ refresh: token }) => service.api.post('/logout', { token })],
  ['a logout of the refresh token', ({ refresh: token }) => service.api.post('/logout/refresh', { token })],
  ['a disabling', disable],
  ['a deletion', remove],
  ['the deletion of the own account', ({ access }) => service.api.delete('/users/me', { token: access })],
];

/** Starts both, the second a little later, by turns of the event loop; which one wins is the database's to say. */
async function race(first: () => Promise<Answer>, second: () => Promise<Answer>, turns: number): Promise<Answer[]> {
  const started = first();
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
  return Promise.all([started, second()]);
}

/** A login spends its time in argon2. Other requests pass meanwhile, more in each round, until its session was made. */
async function later(round: number): Promise<void> {
  for (let request = 0; request < round * 4; request++) await service.api.get('/health/live');
}

describe('a refresh that races an end', () => {
  it.each(ends)('leaves nothing alive: %s', { timeout: 60_000 }, async (_, end) => {
    for (let round = 0; round < 8; round++) {
      const user = await given.aUser();
      const acts = [() => refresh(user), () => end(user)] as const;
      const [a, b] = round % 2 === 0 ? acts : [acts[1], acts[0]];
      const answers = await race(a, b, round >> 1);
      const [refreshed, ended] = round % 2 === 0 ? answers : answers.toReversed();
      expect(ended!.status).toBe(200);
      expect([200, 401]).toContain(refreshed!.status);
      expect(await aliveOf(service.api, [user, ...pairsIn(...answers)])).toEqual([]);
    }
  });

  it('leaves nothing alive: the deletion of everybody', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 5; round++) {
      const users = await Promise.all([given.aUser(), given.aUser()]);
      const removeAll = service.api.delete('/users', { token: admin.access });
      const answers = await Promise.all([...users.map(refresh), removeAll, ...users.map(refresh)]);
      expect((await removeAll).status).toBe(200);
      expect(await aliveOf(service.api, [...users, ...pairsIn(...answers)])).toEqual([]);
    }
  });
});

describe('a login that races an end', () => {
  const endsOfUsers: typeof ends = [
    ['a disabling', disable],
    ['a deletion', remove],
  ];

  it.each(endsOfUsers)('leaves nothing alive: %s', { timeout: 60_000 }, async (_, end) => {
    for (let round = 0; round < 8; round++) {
      const user = await given.aUser();
      const logins = Promise.all([login(user), login(user), login(user)]);
      await later(round);
      const ended = await end(user);
      const answers = await logins;
      expect(ended.status).toBe(200);
      for (const { status } of answers) expect([200, 401]).toContain(status);
      expect(await aliveOf(service.api, [user, ...pairsIn(...answers)])).toEqual([]);
    }
  });

  it('leaves no token with a role that was taken away', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 8; round++) {
      const demoted = await given.anAdmin();
      const logins = Promise.all([login(demoted), login(demoted), refresh(demoted)]);
      await later(round);
      const json = { roles: [] };
      const ended = await service.api.patch(`/users/${demoted.id}`, { token: admin.access, json });
      expect(ended.status).toBe(200);
      const pairs = pairsIn(...(await logins));
      const asAdmin = pairs.filter(({ access }) => (claimsOf(access)['roles'] as string[]).includes('admin'));
      expect(await aliveOf(service.api, [demoted, ...asAdmin])).toEqual([]);
    }
  });
});

describe('a registration that races the deletion of everybody', () => {
  it('leaves a living token only to a user who exists', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 8; round++) {
      const registration = given.aUser().catch(() => null);
      await later(round);
      expect((await service.api.delete('/users', { token: admin.access })).status).toBe(200);
      const user = await registration;
      const rows = await service.database.run('SELECT 1 FROM users WHERE id = $1', [user?.id]);
      const alive = user ? await aliveOf(service.api, [user]) : [];
      expect(alive).toHaveLength(rows.length * 2);
    }
  });
});
