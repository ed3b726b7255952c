import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { migrate } from '../../src/database/migrate.js';
import { User } from '../../src/users/user.entity.js';
import { emptyDatabase, type TestDatabase } from '../support/database.js';

// Real: PostgreSQL, and TypeORM as the service sets it up.
let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  database = await emptyDatabase();
  dataSource = await new DataSource(
    dataSourceOptions(database.url, { databasePoolSize: 1, databasePreparedStatements: true, databaseSsl: 'off' }),
  ).initialize();
});
afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
});

const columns = () =>
  database.run(
    `SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name <> 'migrations' ORDER BY table_name, column_name`,
  );

describe('migrations', () => {
  it('go up, down and up again to the same schema', async () => {
    await migrate(dataSource);
    const schema = await columns();
    expect(schema).not.toEqual([]);

    for (const _ of dataSource.migrations) await dataSource.undoLastMigration();
    expect(await columns()).toEqual([]);

    await migrate(dataSource);
    expect(await columns()).toEqual(schema);
  });

  it('leave nothing behind when one of them fails', async () => {
    await database.run('CREATE TABLE revocations (taken boolean)');
    await expect(migrate(dataSource)).rejects.toThrow('already exists');
    expect(await columns()).toEqual([expect.objectContaining({ table_name: 'revocations', column_name: 'taken' })]);
  });
});

describe('the data source', () => {
  it.each([undefined, null])('throws on a condition that is %s, which would otherwise match any row', async (id) => {
    await dataSource.destroy();
    dataSource = await new DataSource({ ...dataSource.options, entities: [User] }).initialize();
    await migrate(dataSource);
    await expect(dataSource.getRepository(User).findOneBy({ id: id as never })).rejects.toThrow(/null|undefined/);
  });
});
