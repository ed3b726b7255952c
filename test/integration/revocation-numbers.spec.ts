import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { SigningKeyRepository } from '../../src/tokens/keys/signing-key.repository.js';
import { cloneDatabase, type TestDatabase } from '../support/database.js';
import { aRevocation } from '../support/feed.js';

// Real: PostgreSQL and the triggers of the schema. A client listens as the service does.
let database: TestDatabase;
let listening: Client;
let writing: Client;
let heard: Record<string, unknown>[];

beforeAll(async () => {
  database = await cloneDatabase();
  listening = new Client({ connectionString: database.url });
  writing = new Client({ connectionString: database.url });
  await Promise.all([listening.connect(), writing.connect()]);
  listening.on('notification', ({ payload }) => heard.push(JSON.parse(payload!)));
  await listening.query('LISTEN recant_revocations');
});
beforeEach(() => {
  heard = [];
});
afterEach(async () => {
  await writing.query('ROLLBACK; TRUNCATE revocations; DELETE FROM signing_keys');
});
afterAll(async () => {
  await Promise.all([listening.end(), writing.end()]);
  await database.drop();
});

async function counter(): Promise<number> {
  const [row] = await database.run<{ number: string }>('SELECT number FROM revocation_counter');
  return Number(row!.number);
}

/** What was announced up to now; an answer to the listener comes after what was notified before it. */
async function announced(): Promise<Record<string, unknown>[]> {
  await listening.query('SELECT 1');
  return heard;
}

describe('the number of a revocation', () => {
  it('is the next one, and told with all that a check needs', async () => {
    const before = await counter();
    const target = randomUUID();
    await writing.query(
      `INSERT INTO revocations (level, target, cutoff, reason, expires_at)
       VALUES ('user', $1, 17, 'logout', '2100-01-01 00:00:00.2Z')`,
      [target],
    );
    const number = before + 1;
    expect(await announced()).toEqual([{ number, level: 'user', target, cutoff: 17, expires_at: 4102444801 }]);
    expect(await counter()).toBe(number);
  });

  it('is taken by no transaction that is rolled back, and by none that takes its record back', async () => {
    const before = await counter();
    await writing.query(`BEGIN; ${aRevocation().sql}; ROLLBACK`);
    await writing.query(`BEGIN; ${aRevocation().sql}; DELETE FROM revocations; COMMIT`);
    await writing.query(aRevocation().sql);
    expect(await announced()).toEqual([expect.objectContaining({ number: before + 1 })]);
  });

  it('is told once for a record that is made and extended in one transaction, with what came of it', async () => {
    const before = await counter();
    const { sql, target } = aRevocation();
    const extend = `UPDATE revocations SET expires_at = '2100-01-01Z' WHERE target = '${target}'`;
    await writing.query(`BEGIN; ${sql}; ${extend}; COMMIT`);
    expect(await announced()).toEqual([expect.objectContaining({ number: before + 1, expires_at: 4102444800 })]);
  });

  it('is a new one when the record changes, and none when it is only repeated', async () => {
    const before = await counter();
    const { sql, target } = aRevocation();
    await writing.query(sql);
    const extend = (moment: string) =>
      writing.query('UPDATE revocations SET expires_at = $2 WHERE target = $1', [target, moment]);
    await extend('2100-01-01Z');
    await extend('2100-01-01Z');
    expect(await announced()).toHaveLength(2);
    expect(await database.run('SELECT number FROM revocations')).toEqual([{ number: String(before + 2) }]);
  });

  it('is one for each record of a transaction', async () => {
    const before = await counter();
    await writing.query(`BEGIN; ${aRevocation().sql}; ${aRevocation().sql}; ${aRevocation().sql}; COMMIT`);
    expect((await announced()).map(({ number }) => number)).toEqual([before + 1, before + 2, before + 3]);
  });

  it('is waited for within the limit of the service, and then nothing is stored', async () => {
    const options = dataSourceOptions(database.url, {
      databasePoolSize: 1,
      databasePreparedStatements: true,
      databaseSsl: 'off',
    });
    const dataSource = await new DataSource(options).initialize();
    await writing.query('BEGIN; SELECT FROM revocation_counter FOR UPDATE');
    await expect(dataSource.query(aRevocation().sql)).rejects.toThrow('lock timeout');
    await writing.query('ROLLBACK');
    expect(await database.run('SELECT FROM revocations')).toEqual([]);
    await dataSource.destroy();
  });
});

describe('a key that is forbidden', () => {
  it('takes a number of the same counter, and is told until its last token has expired', async () => {
    const before = await counter();
    await writing.query(`INSERT INTO signing_keys (kid, purpose, algorithm, encrypted_key, activates_at)
      VALUES ('k1', 'access', 'ES256', '', now()), ('k2', 'access', 'ES256', '', now())`);
    await writing.query(`UPDATE token_lifetimes SET longest_access_seconds = 600, longest_seconds = 9999`);
    await writing.query(`UPDATE signing_keys SET forbidden_at = '2100-01-01Z', retires_at = '2100-01-01Z'
      WHERE kid = 'k1'`);
    await writing.query(`UPDATE signing_keys SET forbidden_at = now() WHERE kid = 'k2'`);
    const key = { level: 'key', cutoff: null };
    expect(await announced()).toEqual([
      { ...key, number: before + 1, target: 'k1', expires_at: 4102444800 + 605 },
      { ...key, number: before + 2, target: 'k2', expires_at: 2 ** 32 - 1 },
    ]);
  });

  it('is told until when the ring has it', async () => {
    await writing.query(`INSERT INTO signing_keys (kid, purpose, algorithm, encrypted_key, activates_at)
      VALUES ('k1', 'access', 'ES256', '', now()), ('k2', 'refresh', 'HS256', '', now())`);
    const options = dataSourceOptions(database.url, {
      databasePoolSize: 1,
      databasePreparedStatements: true,
      databaseSsl: 'off',
    });
    const dataSource = await new DataSource(options).initialize();
    const ring = new SigningKeyRepository(dataSource.manager);
    for (const kid of ['k1', 'k2']) await ring.forbid(kid, dataSource.manager);
    const ringed = await ring.findAll();
    await dataSource.destroy();
    const told = new Map((await announced()).map(({ target, expires_at }) => [target, expires_at]));
    expect(told).toEqual(new Map(ringed.map(({ kid, expiresAt }) => [kid, Math.ceil(expiresAt!.getTime() / 1000)])));
  });
});
