import { type EntityManager } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Transactions } from '../../../src/database/transactions.js';
import { DatabaseFaults } from '../../support/database-faults.js';
import { Given } from '../../support/given.js';
import { expectUnavailable } from '../../support/problem.js';
import { startService, type TestService } from '../../support/service.js';

// Real: PostgreSQL, its rows, its deadlocks and its serialization failures; the service's own transactions.
let service: TestService;
let transactions: Transactions;
let ids: [string, string];

beforeAll(async () => {
  service = await startService();
  transactions = service.app.get(Transactions);
});
afterAll(() => service.stop());
beforeEach(async () => {
  const given = new Given(service);
  ids = [(await given.aUser()).id, (await given.aUser()).id];
});

const addRole = (id: string, role: string, tx: EntityManager) =>
  tx.query('UPDATE users SET roles = roles || $2::text WHERE id = $1', [id, role]);

async function rolesOf(id: string): Promise<string[]> {
  const [user] = await service.database.run<{ roles: string[] }>('SELECT roles FROM users WHERE id = $1', [id]);
  return user!.roles.toSorted();
}

/** Returns for all who call it when so many have called it. */
function meetingOf(count: number): () => Promise<void> {
  let missing = count;
  let open: () => void;
  const isComplete = new Promise<void>((resolve) => (open = resolve));
  return () => {
    if (--missing === 0) open();
    return isComplete;
  };
}

describe('two transactions that wait for each other', () => {
  it('are both done, each once, after one of them was undone and tried again', async () => {
    const haveOneRowEach = meetingOf(2);
    const [tries, followed] = [[] as string[], [] as string[]];
    const inOrder = (name: string, first: string, second: string) =>
      transactions.run(async (tx) => {
        tries.push(name);
        transactions.afterCommit(tx, () => followed.push(name));
        await addRole(first, name, tx);
        await haveOneRowEach();
        await addRole(second, name, tx);
        return name;
      });
    const [a, b] = ids;
    expect(await Promise.all([inOrder('one', a, b), inOrder('other', b, a)])).toEqual(['one', 'other']);
    expect(tries).toHaveLength(3);
    // What a lost try had asked for is forgotten with it.
    expect(followed.toSorted()).toEqual(['one', 'other']);
    for (const id of ids) expect(await rolesOf(id)).toEqual(['one', 'other']);
  });
});

describe('a transaction that cannot be put in order with another one', () => {
  it('is done in the end with what the other one has left', async () => {
    const haveBothRead = meetingOf(2);
    const [[id], counted] = [ids, [] as number[]];
    const count = () =>
      transactions.run(async (tx) => {
        await tx.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
        const [user] = await tx.query<{ roles: string[] }[]>('SELECT roles FROM users WHERE id = $1', [id]);
        await haveBothRead();
        counted.push(user!.roles.length);
        await addRole(id, `role-${user!.roles.length}`, tx);
      });
    await Promise.all([count(), count()]);
    // Both found none, one of them tried again and found the other's.
    expect(counted).toEqual([0, 0, 1]);
    expect(await rolesOf(id)).toEqual(['role-0', 'role-1']);
  });
});

describe('a transaction that always loses', () => {
  it.each(['40001', '40P01'])('is given up after three tries, and nothing of it follows: %s', async (code) => {
    let [tries, followed] = [0, 0];
    const losing = transactions.run(async (tx) => {
      tries++;
      transactions.afterCommit(tx, () => followed++);
      await addRole(ids[0], 'never', tx);
      await tx.query(`DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '${code}'; END $$`);
    });
    await expect(losing).rejects.toThrow('lost');
    expect([tries, followed]).toEqual([3, 0]);
    expect(await rolesOf(ids[0])).toEqual([]);
  });

  it.each(['40001', '40P01'])('is 503 to who asked, with when to try again: %s', async (code) => {
    const user = await new Given(service).aUser();
    const faults = new DatabaseFaults(service.database);
    await faults.refuseWrites('revocations', 'INSERT', code);
    const logout = () => service.api.post('/logout', { token: user.access });
    expectUnavailable(await logout());
    await faults.heal('revocations');
    expect((await service.api.get('/secret', { token: user.access })).status).toBe(200);
    expect((await logout()).status).toBe(200);
  });

  it('is not tried again for any other reason', async () => {
    let tries = 0;
    const refused = transactions.run(async (tx) => {
      tries++;
      await tx.query(`DO $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '53100'; END $$`);
    });
    await expect(refused).rejects.toThrow('refused');
    expect(tries).toBe(1);
  });
});
