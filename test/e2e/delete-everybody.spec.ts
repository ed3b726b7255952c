import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, Given } from '../support/given.js';
import { HeldLock } from '../support/locks.js';
import { expectInvalidToken, expectProblem, expectUnavailable } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, and so many users that they are deleted in several transactions. They were never registered:
// argon2 would take a minute.
let service: TestService;
let given: Given;
let admin: Account;

const MANY = 2_200;
/** Comes last in the order of ids. */
const LAST = 'ffffffff-ffff-4fff-bfff-ffffffffffff';

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
});
beforeEach(async () => {
  await service.database.run('DELETE FROM users');
  admin = await given.anAdmin();
  await service.database.run(
    `INSERT INTO users (id, username, password_hash)
     SELECT gen_random_uuid(), 'many-' || n, 'none' FROM generate_series(1, $1::int) AS n
     UNION ALL SELECT $2, 'last', 'none'`,
    [MANY - 1, LAST],
  );
});
afterAll(() => service.stop());

const deleteAll = () => service.api.delete('/users', { token: admin.access });

interface Counts {
  users: number;
  /** Gone without a cutoff, which must never be. */
  loose: number;
}

/** Who is there now, of those that were there. */
async function compareWith(before: string[]): Promise<Counts> {
  const [counts] = await service.database.run<Counts>(
    `SELECT count(users.id)::int AS users, count(*) FILTER (WHERE users.id IS NULL AND level IS NULL)::int AS loose
     FROM unnest($1::uuid[]) AS was (id)
     LEFT JOIN users USING (id) LEFT JOIN revocations ON level = 'user' AND target = was.id AND reason = 'deleted'`,
    [before],
  );
  return counts!;
}

const everyId = async () => (await service.database.run<{ id: string }>('SELECT id FROM users')).map(({ id }) => id);

describe('DELETE /users of thousands', () => {
  it('deletes and cuts off every one but the caller, and counts them all', async () => {
    const user = await given.aUser();
    const other = await given.anAdmin();
    const before = await everyId();
    expect((await deleteAll()).body).toEqual({ message: `${MANY + 2} row(s) deleted` });
    expect(await everyId()).toEqual([admin.id]);
    expect(await compareWith(before)).toEqual({ users: 1, loose: 0 });
    expect(await aliveOf(service.api, [user, other])).toEqual([]);
    expect((await deleteAll()).body).toEqual({ message: '0 row(s) deleted' });
  });

  it('that fails in the middle has cut off whoever it deleted, and finishes when it is asked again', async () => {
    const before = await everyId();
    await service.database.run(
      `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'kept'; END $$`,
    );
    await service.database.run(
      `CREATE TRIGGER keep BEFORE DELETE ON users FOR EACH ROW WHEN (OLD.id = '${LAST}') EXECUTE FUNCTION keep()`,
    );
    expectUnavailable(await deleteAll());
    const { users, loose } = await compareWith(before);
    expect(loose).toBe(0);
    expect(users).toBeGreaterThan(1);
    expect(users).toBeLessThan(MANY);
    await service.database.run('DROP FUNCTION keep CASCADE');
    expect((await deleteAll()).body).toEqual({ message: `${users - 1} row(s) deleted` });
    expect(await compareWith(before)).toEqual({ users: 1, loose: 0 });
  });

  it('stops when the caller is no administrator any more', async () => {
    const before = await everyId();
    // Commits with the first batch, as if another had demoted the caller right after it.
    await service.database.run(`CREATE FUNCTION demote() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN UPDATE users SET roles = '{}' WHERE username = '${admin.username}'; RETURN NULL; END $$`);
    await service.database.run(
      'CREATE TRIGGER demote AFTER DELETE ON users FOR EACH STATEMENT EXECUTE FUNCTION demote()',
    );
    expectProblem(await deleteAll(), 'insufficient_scope');
    await service.database.run('DROP FUNCTION demote CASCADE');
    const { users, loose } = await compareWith(before);
    expect(loose).toBe(0);
    expect(users).toBeGreaterThan(1);
    expect(users).toBeLessThan(MANY);
  });

  it('asked by two administrators at once, is done by one of them, and the other is deleted first of all', async () => {
    const other = await given.anAdmin();
    // Both have passed the guards before either begins.
    const held = await HeldLock.on(service.database, 'SELECT FROM users WHERE id IN ($1, $2) FOR UPDATE', [
      admin.id,
      other.id,
    ]);
    const asked = [deleteAll(), service.api.delete('/users', { token: other.access })];
    await held.stops(...asked);
    await held.release();
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 403]));
    const [winner, loser] = answers[0]!.status === 200 ? [admin, other] : [other, admin];
    const done = answers.find(({ status }) => status === 200);
    expect(done!.body).toEqual({ message: `${MANY + 1} row(s) deleted` });
    expect(await everyId()).toEqual([winner.id]);
    expectInvalidToken(await service.api.get('/secret', { token: loser.access }));
  });
});
