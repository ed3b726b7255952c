import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, aPassword, aUsername, claimsOf, Given } from '../support/given.js';
import { HeldLock } from '../support/locks.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, argon2.
let service: TestService;
let given: Given;

beforeAll(async () => {
  service = await startService({ SESSIONS_PER_USER: '2', SESSION_IDLE_SECONDS: '60' });
  given = new Given(service);
});
afterAll(() => service.stop());

describe('a login beyond the number of sessions that a user may have', () => {
  it('ends the oldest one, and none of another user', async () => {
    const stranger = await given.aUser();
    const oldest = await given.aUser();
    const others = [await given.aLogin(oldest.username), await given.aLogin(oldest.username)];
    expect(await aliveOf(service.api, [oldest])).toEqual([]);
    expect(await aliveOf(service.api, [...others, stranger])).toHaveLength(6);
  });

  it('ends also what logins at once have left over', async () => {
    const { username } = await given.aUser();
    await Promise.all(Array.from({ length: 6 }, () => given.aLogin(username)));
    const { access: token } = await given.aLogin(username);
    const { body } = await service.api.get('/sessions', { token });
    expect(body.sessions).toHaveLength(2);
  });

  it('at the limit, and many of them at once: each is answered, and never fewer are left than are allowed', async () => {
    for (let round = 0; round < 3; round++) {
      const user = await given.aUser();
      const before = [user, await given.aLogin(user.username)];
      const during = await Promise.all(Array.from({ length: 12 }, () => given.aLogin(user.username)));
      const { body } = await service.api.get('/sessions', { token: (await newestOf(during)).access });
      expect(body.sessions.length).toBeGreaterThanOrEqual(2);
      const listed = new Set((body.sessions as { id: string }[]).map(({ id }) => id));
      // Row and record agree: what is listed is alive, and nothing else.
      for (const { access: token } of [...before, ...during]) {
        const { status } = await service.api.get('/secret', { token });
        expect(status).toBe(listed.has(claimsOf(token).sid) ? 200 : 401);
      }
    }
  });

  it('ends many that are left over in one go, each with its record, also when several logins do', async () => {
    const user = await given.aUser();
    await service.database.run(
      `INSERT INTO sessions SELECT (jsonb_populate_record(sessions, jsonb_build_object(
         'id', gen_random_uuid(), 'created_at', created_at - n * interval '1 second'))).*
       FROM sessions, generate_series(1, 500) AS n WHERE user_id = $1`,
      [user.id],
    );
    // All have begun before any can go to the end. None waits for another in a circle: that would be a 503.
    const held = await HeldLock.on(
      service.database,
      'SELECT FROM sessions WHERE user_id = $1 ORDER BY id OFFSET 250 LIMIT 1 FOR UPDATE',
      [user.id],
    );
    const started = Array.from({ length: 4 }, () => given.aLogin(user.username));
    await held.stops(...started);
    await held.release();
    const logins = await Promise.all(started);
    await given.aLogin(user.username);
    const [ended] = await service.database.run(
      `SELECT count(*)::int AS sessions, count(level)::int AS records
       FROM sessions LEFT JOIN revocations ON level = 'session' AND target = sessions.id AND reason = 'too_many'
       WHERE user_id = $1 AND revoked_at IS NOT NULL`,
      [user.id],
    );
    // 501 from before, 5 since, and 2 are left.
    expect(ended).toEqual({ sessions: 504, records: 504 });
    expect(await aliveOf(service.api, [user, ...logins])).toHaveLength(2);
  });
});

/** Whose session nobody can have ended: each login ends those beyond the newest that it sees. */
async function newestOf(accounts: Account[]): Promise<Account> {
  const [newest] = await service.database.run<{ id: string }>(
    'SELECT id FROM sessions WHERE user_id = $1 ORDER BY created_at DESC, id LIMIT 1',
    [accounts[0]!.id],
  );
  return accounts.find(({ access }) => claimsOf(access).sid === newest!.id)!;
}

describe('an access token', () => {
  it('never outlives its session, which could not be ended any more', async () => {
    const json = { username: aUsername(), password: aPassword };
    const { body } = await service.api.post('/registration', { json });
    expect(body.expires_in).toBe(60);
    expect(claimsOf(body.access_token)['exp']).toBe(claimsOf(body.refresh_token)['exp']);
  });
});
