// Real: the PostgreSQL server, its files and its processes. Nothing is replaced.
import { appendFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
  attachEmbeddedPostgres,
  EmbeddedPostgresError,
} from '../../src/database/embedded-postgres/embedded-postgres.js';
import { hasEnded } from '../../src/database/embedded-postgres/process-identity.js';
import { compileEmbeddedPostgres } from '../support/embedded-postgres-compiled.js';
import { postmasterPid, query, Sandbox } from '../support/embedded-postgres-sandbox.js';

describe('the embedded PostgreSQL', { timeout: 60_000 }, () => {
  let base: Sandbox;
  let template: string;
  let sandbox: Sandbox;
  const compiled = compileEmbeddedPostgres();

  beforeAll(async () => {
    base = await Sandbox.create();
    template = base.dataDir('template');
    await (await base.start(template)).stop();
  }, 60_000);
  beforeEach(async () => {
    sandbox = await Sandbox.create();
  });
  afterEach(() => sandbox.clean());
  afterAll(async () => {
    compiled.remove();
    await base.clean();
  });

  it('refuses a second process on the same DATA_DIR and names the first', async () => {
    const dataDir = await sandbox.usedDataDir(template);
    const first = sandbox.spawnOwner(dataDir, { compiledDir: compiled.folder });
    const { connection } = await first.answer;
    const second = sandbox.spawnOwner(dataDir, { compiledDir: compiled.folder });
    expect(await second.answer).toEqual({
      errorName: 'EmbeddedPostgresError',
      refusal: `Another Recant (process ${first.child.pid}) already uses DATA_DIR ${dataDir}; stop it, or set another DATA_DIR or DATABASE_URL.`,
    });
    // The refused one must not have taken the server with it.
    expect(await query(connection!, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('refuses the cluster of another major version and touches nothing', async () => {
    const dataDir = await sandbox.usedDataDir(template);
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '16\n');
    const before = await stat(dataDir);
    await expect(sandbox.start(dataDir)).rejects.toThrow(/was made by PostgreSQL 16 and this Recant brings/);
    expect((await stat(dataDir)).mtimeMs).toBe(before.mtimeMs);
    expect(await readdir(join(dataDir, 'postgres'))).not.toContain('postmaster.pid');
  });

  it('refuses to make new passwords for a database that has some', async () => {
    const dataDir = await sandbox.usedDataDir(template);
    await rm(join(dataDir, 'postgres-credentials.json'));
    await expect(sandbox.start(dataDir)).rejects.toThrow(/The passwords of the database in .* are gone/);
  });

  it('refuses passwords of another database and leaves no server behind', async () => {
    const dataDir = await sandbox.usedDataDir(template);
    const path = join(dataDir, 'postgres-credentials.json');
    const credentials: object = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...credentials, administratorPassword: 'of another database' }));
    await expect(sandbox.start(dataDir)).rejects.toThrow(/The stored passwords do not fit the database/);
    await expect(postmasterPid(dataDir)).rejects.toThrow(/no server runs/);
  });

  it('reports a server that ends while it starts, with the last lines of its log', async () => {
    const dataDir = await sandbox.usedDataDir(template);
    await appendFile(join(dataDir, 'postgres', 'postgresql.conf'), '\nno_such_setting = on\n');
    const start = sandbox.start(dataDir);
    await expect(start).rejects.toThrow(EmbeddedPostgresError);
    await expect(start).rejects.toThrow(/ended while it started \(exit code 1\): .*no_such_setting/);
  });

  it('attaches to nothing when nothing runs, and starts nothing', async () => {
    const dataDir = await sandbox.usedDataDir(template);
    expect(await attachEmbeddedPostgres({ dataDir: sandbox.dataDir('absent') })).toBeNull();
    expect(await attachEmbeddedPostgres({ dataDir })).toBeNull();
    expect(await readdir(join(dataDir, 'postgres'))).not.toContain('postmaster.pid');
  });

  it('lets a command line tool attach to the running server without owning it', async () => {
    const dataDir = await sandbox.usedDataDir(template);
    const owner = sandbox.spawnOwner(dataDir, { compiledDir: compiled.folder });
    const { connection } = await owner.answer;
    expect(await attachEmbeddedPostgres({ dataDir })).toEqual(connection);
  });

  it('keeps what was committed from the first start to the next', async () => {
    const dataDir = sandbox.dataDir();
    const first = await sandbox.start(dataDir);
    await query(first.connection, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await sandbox.start(dataDir);
    expect(await query(second.connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await second.stop();
  });

  it('gives the service a role that owns its database and nothing else', async () => {
    const { connection, stop } = await sandbox.start(await sandbox.usedDataDir(template));
    const sql = `SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,
      pg_get_userbyid(datdba) AS owner FROM pg_roles, pg_database WHERE rolname = current_user AND datname = 'recant'`;
    expect(await query(connection, sql)).toEqual([
      {
        rolsuper: false,
        rolcreaterole: false,
        rolcreatedb: false,
        rolreplication: false,
        rolbypassrls: false,
        owner: 'recant',
      },
    ]);
    await expect(query(connection, `COPY (SELECT 1) TO PROGRAM 'true'`)).rejects.toThrow(/permission denied/);
    await stop();
  });

  it('ends the server before stop returns, and stop may be called again', async () => {
    const dataDir = await sandbox.usedDataDir(template);
    const { connection, stop } = await sandbox.start(dataDir);
    const pid = await postmasterPid(dataDir);
    await Promise.all([stop(), stop()]);
    expect(await hasEnded(pid)).toBe(true);
    await expect(query(connection, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
    await stop();
    expect(sandbox.lines).toEqual([]);
  });
});
