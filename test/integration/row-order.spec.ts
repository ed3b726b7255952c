import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createdAtMicrosOf, isAfterCursor } from '../../src/database/row-order.js';
import { cloneDatabase, type TestDatabase } from '../support/database.js';

// Real: PostgreSQL, its planner, and the indexes of the migrations. Not real: the lists around the SQL.
let database: TestDatabase;

beforeAll(async () => {
  database = await cloneDatabase();
  // A microsecond between two rows, but for each fifth, which is as old as the one before.
  const crowd = `SELECT gen_random_uuid(), 'row-' || n, $1, timestamptz '2026-01-01 00:00:00.000001Z' + (n - n % 5 / 4) * interval '1 microsecond'
    FROM generate_series(1, 5000) n`;
  await database.run(`INSERT INTO users (id, username, password_hash, created_at) ${crowd}`, ['no-hash']);
  await database.run(`INSERT INTO clients (id, client_name, scopes, created_at) ${crowd.replace('$1', '$1::text[]')}`, [
    [],
  ]);
  await database.run('ANALYZE users, clients');
});
afterAll(() => database.drop());

interface Row {
  id: string;
  micros: string;
}

/** A page, as the lists ask for it; the parameters stand in the text. */
function pageOf(table: string, limit: number, after?: Row): string {
  const condition = isAfterCursor('row')
    .replace(':createdAtMicros', `'${after?.micros}'`)
    .replace(':id', `'${after?.id}'`);
  return `SELECT row.id, ${createdAtMicrosOf('row')} AS micros FROM ${table} AS row ${after ? `WHERE ${condition}` : ''}
    ORDER BY row.created_at DESC, row.id DESC LIMIT ${limit}`;
}

describe.each(['users', 'clients'])('a list of %s', (table) => {
  it('is told whole, to the microsecond, each row once', async () => {
    const listed: Row[] = [];
    for (let page: Row[] = [], after: Row | undefined; ; after = page.at(-1)) {
      page = await database.run<Row>(pageOf(table, 997, after));
      listed.push(...page);
      if (page.length < 997) break;
    }
    expect(new Set(listed.map(({ id }) => id)).size).toBe(5000);
    expect(listed).toHaveLength(5000);
  });

  it('finds its last page by the index', async () => {
    const rows = await database.run<Row>(pageOf(table, 5000));
    const plan = JSON.stringify(await database.run(`EXPLAIN (FORMAT JSON) ${pageOf(table, 10, rows[4980])}`));
    expect(plan).toContain(`${table}_created_at_id_idx`);
    expect(plan).toContain('Index Cond');
    expect(plan).not.toContain('"Sort"');
  });
});
