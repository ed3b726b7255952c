// Who may read what, and who runs where. Real users, modes and processes; nothing is replaced.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { compileEmbeddedPostgres } from '../support/embedded-postgres-compiled.js';
import { isRoot, modeOf, postmasterPid, query, Sandbox } from '../support/embedded-postgres-sandbox.js';

const isLinux = process.platform === 'linux';

describe('the embedded PostgreSQL in its place', { timeout: 60_000 }, () => {
  let base: Sandbox;
  let template: string;
  let sandbox: Sandbox;
  const compiled = compileEmbeddedPostgres();
  const { folder: compiledDir } = compiled;

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

  it('says in one line that there is no binary for a platform', async () => {
    const execArgv = ['--import', `data:text/javascript,Object.defineProperty(process,'arch',{value:'mips'})`];
    const { answer } = sandbox.spawnOwner(sandbox.dataDir(), { compiledDir, execArgv });
    expect((await answer).refusal).toBe(
      `The embedded PostgreSQL has no binary for ${process.platform}-mips; set DATABASE_URL to a PostgreSQL server.`,
    );
  });

  it('keeps the passwords and the log from everybody else', async () => {
    const dataDir = await sandbox.usedDataDir(template);
    const { stop } = await sandbox.start(dataDir);
    expect(await modeOf(join(dataDir, 'postgres-credentials.json'))).toBe('600');
    expect(await modeOf(join(dataDir, 'postgres.log'))).toBe('600');
    expect(await modeOf(join(dataDir, 'postgres'))).toBe('700');
    expect(await modeOf(dataDir)).toBe(isRoot ? '710' : '700');
    await stop();
  });

  it('listens on the loopback address only', async () => {
    const { administrator, stop } = await sandbox.start(await sandbox.usedDataDir(template));
    const sql = `SELECT name, setting FROM pg_settings WHERE name IN ('listen_addresses', 'unix_socket_directories', 'fsync', 'data_checksums') ORDER BY name`;
    expect(await query(administrator, sql)).toEqual([
      { name: 'data_checksums', setting: 'on' },
      { name: 'fsync', setting: 'on' },
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'unix_socket_directories', setting: '' },
    ]);
    await stop();
  });

  it('writes no value of a failed statement into the log', async () => {
    const dataDir = await sandbox.usedDataDir(template);
    const { connection, stop } = await sandbox.start(dataDir);
    const sql = `CREATE TABLE secrets (hash text PRIMARY KEY); INSERT INTO secrets VALUES ('hash-of-a-password'), ('hash-of-a-password')`;
    await expect(query(connection, sql)).rejects.toThrow(/duplicate key/);
    await stop();
    expect(await readFile(join(dataDir, 'postgres.log'), 'utf8')).not.toContain('hash-of-a-password');
  });

  it.skipIf(!isLinux)('gives the server no secret of ours and a session of its own', async () => {
    const dataDir = await sandbox.usedDataDir(template);
    const environment = { ...process.env, ENCRYPTION_SECRET: 'the-secret-of-the-service', PGPASSWORD: 'another' };
    await sandbox.spawnOwner(dataDir, { compiledDir, environment }).answer;
    const pid = await postmasterPid(dataDir);
    const seen = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').filter(Boolean);
    const names = seen.map((entry) => entry.slice(0, entry.indexOf('='))).filter((name) => !name.startsWith('PG_'));
    expect(names.toSorted()).toEqual(['LC_ALL', 'PATH', 'TZ']);
    const [, , , session] = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
    expect(Number(session)).toBe(pid);
  });
});
