import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { knownSecrets } from './secrets.js';
import { runOn, withDatabase } from './sql.js';

/** A database for one test file. */
export interface TestDatabase {
  url: string;
  /** Runs one statement beside the service, as an operator or a fault would. */
  run<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** @throws Error when the audit trail in it, or a line that was logged meanwhile, has a secret in it. */
  drop(): Promise<void>;
}

/** A fresh database with the whole schema and no rows but the migrations' own. */
export function cloneDatabase(): Promise<TestDatabase> {
  return createDatabaseOn(inject('server').url, `TEMPLATE ${inject('server').template}`);
}

/** A fresh database with nothing in it. */
export function emptyDatabase(): Promise<TestDatabase> {
  return createDatabaseOn(inject('server').url);
}

/** A fresh database on the server of this address. */
export async function createDatabaseOn(server: string, options = ''): Promise<TestDatabase> {
  const name = `recant_test_${randomBytes(6).toString('hex')}`;
  await runOn(server, `CREATE DATABASE ${name} ${options}`);
  const url = withDatabase(server, name);
  return {
    url,
    run: (sql, values) => runOn(url, sql, values),
    drop: async () => {
      const rows = await auditRowsOf(url);
      await runOn(server, `DROP DATABASE ${name} WITH (FORCE)`);
      knownSecrets.expectNoneIn(rows);
    },
  };
}

/** Each as one text; none where there is no such table. */
async function auditRowsOf(url: string): Promise<string[]> {
  const [table] = await runOn<{ exists: boolean }>(url, `SELECT to_regclass('audit_events') IS NOT NULL AS exists`);
  if (!table!.exists) return [];
  const rows = await runOn<{ text: string }>(url, 'SELECT audit_events::text AS text FROM audit_events');
  return rows.map(({ text }) => text);
}
