import { DataSource, type QueryRunner } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { cloneDatabase, type TestDatabase } from '../support/database.js';

// Real: PostgreSQL, and the pool with the service's own options. Not real: the statements.
let database: TestDatabase;
const opened: DataSource[] = [];

beforeAll(async () => {
  database = await cloneDatabase();
  await database.run('CREATE TABLE things (id int PRIMARY KEY, size int NOT NULL)');
  await database.run('INSERT INTO things VALUES (1, 10)');
});
afterEach(async () => {
  for (const source of opened.splice(0)) await source.destroy();
});
afterAll(() => database.drop());

/** A pool of one connection. */
async function aPool(databasePreparedStatements: boolean): Promise<DataSource> {
  const options = dataSourceOptions(database.url, {
    databasePoolSize: 1,
    databasePreparedStatements,
    databaseSsl: 'off',
  });
  const source = await new DataSource({ ...options, migrations: [], entities: [] }).initialize();
  opened.push(source);
  return source;
}

const SIZE_OF = 'SELECT size FROM things WHERE id = $1';
const sizeOf = (source: DataSource, id: number) => source.query<{ size: number }[]>(SIZE_OF, [id]);

async function preparedTexts(source: DataSource | QueryRunner): Promise<string[]> {
  const rows: { statement: string }[] = await source.query('SELECT statement FROM pg_prepared_statements');
  return rows.map(({ statement }) => statement);
}

describe('a statement with parameters', () => {
  it('is prepared once for a connection, and answers what it is asked each time', async () => {
    const source = await aPool(true);
    expect([await sizeOf(source, 1), await sizeOf(source, 2), await sizeOf(source, 1)]).toEqual([
      [{ size: 10 }],
      [],
      [{ size: 10 }],
    ]);
    expect(await preparedTexts(source)).toEqual([SIZE_OF]);
  });

  it('is not prepared where that is turned off', async () => {
    const source = await aPool(false);
    expect(await sizeOf(source, 1)).toEqual([{ size: 10 }]);
    expect(await preparedTexts(source)).toEqual([]);
  });

  it('fails once when a migration has changed what it answers, and is prepared anew on another connection', async () => {
    const source = await aPool(true);
    await sizeOf(source, 1);
    await database.run('ALTER TABLE things ALTER size TYPE bigint');
    await expect(sizeOf(source, 1)).rejects.toThrow('cached plan must not change result type');
    expect(await sizeOf(source, 1)).toEqual([{ size: '10' }]);
  });

  it('fails once when a pooler has put another connection under this one', async () => {
    const source = await aPool(true);
    await sizeOf(source, 1);
    await source.query('DEALLOCATE ALL');
    await expect(sizeOf(source, 1)).rejects.toThrow('does not exist');
    expect(await sizeOf(source, 1)).toHaveLength(1);
  });
});
