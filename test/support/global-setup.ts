import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { type TestProject } from 'vitest/node';
import { connectionUrl } from '../../src/database/database-connection.js';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';
import { runOn, withDatabase } from './sql.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** A server on which databases may be made, and the name of a migrated one to clone. */
    server: { url: string; template: string };
  }
}

/**
 * Before all tests: a real PostgreSQL, TEST_DATABASE_URL's or an embedded one, with one migrated database. Each test file
 * clones it, so that no file sees another's rows.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer();
  const template = `recant_template_${randomBytes(6).toString('hex')}`;
  await runOn(server.url, `CREATE DATABASE ${template}`);
  await migrateOnce(withDatabase(server.url, template));
  project.provide('server', { url: server.url, template });
  return async () => {
    await runOn(server.url, `DROP DATABASE ${template} WITH (FORCE)`);
    await server.stop();
  };
}

async function startServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const url = process.env['TEST_DATABASE_URL'];
  if (url) return { url, stop: () => Promise.resolve() };
  const dataDir = await mkdtemp(join(tmpdir(), 'recant-test-'));
  const server = await startEmbeddedPostgres({ dataDir, log: () => undefined });
  await stopSyncing(connectionUrl(server.administrator));
  return {
    url: connectionUrl(server.administrator),
    stop: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Nothing here has to survive a power cut, and waiting for the disk is a third of the time that all tests take. */
async function stopSyncing(url: string): Promise<void> {
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit']) {
    await runOn(url, `ALTER SYSTEM SET ${setting} = off`);
  }
  await runOn(url, 'SELECT pg_reload_conf()');
}

async function migrateOnce(url: string): Promise<void> {
  const options = dataSourceOptions(url, { databasePoolSize: 1, databasePreparedStatements: true, databaseSsl: 'off' });
  const dataSource = await new DataSource(options).initialize();
  try {
    await migrate(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
