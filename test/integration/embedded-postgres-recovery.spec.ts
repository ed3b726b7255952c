// What a kill -9, a race or a stale file may leave behind. Real processes are killed; nothing is replaced.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { pollUntil } from '../../src/database/embedded-postgres/polling.js';
import { hasEnded } from '../../src/database/embedded-postgres/process-identity.js';
import { prepareSite } from '../../src/database/embedded-postgres/server-site.js';
import { compileEmbeddedPostgres } from '../support/embedded-postgres-compiled.js';
import { isRoot, postmasterPid, query, Sandbox } from '../support/embedded-postgres-sandbox.js';

describe('the embedded PostgreSQL after a crash', { timeout: 60_000 }, () => {
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

  function logged(pattern: RegExp): Promise<string | undefined> {
    return pollUntil(async () => sandbox.lines.find((line) => pattern.test(line)), { everyMs: 10, timeoutMs: 10_000 });
  }

  it('adopts the server of a killed owner, with everything that was committed', async () => {
    const dataDir = await sandbox.usedDataDir(template);
    const owner = sandbox.spawnOwner(dataDir, { compiledDir });
    const { connection } = await owner.answer;
    const serverPid = await postmasterPid(dataDir);
    await query(connection!, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await owner.kill9();
    const adopted = await sandbox.start(dataDir);
    expect(await postmasterPid(dataDir)).toBe(serverPid);
    expect(adopted.connection).toEqual(connection);
    expect(await query(adopted.connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await adopted.stop();
    expect(await hasEnded(serverPid)).toBe(true);
  });

  it('lets exactly one of several first starts on an empty DATA_DIR win', async () => {
    const dataDir = sandbox.dataDir();
    const owners = [1, 2, 3].map(() => sandbox.spawnOwner(dataDir, { compiledDir }));
    const answers = await Promise.all(owners.map(({ answer }) => answer));
    const winnerIndex = answers.findIndex(({ connection }) => connection);
    const winner = owners[winnerIndex];
    const line = `Another Recant (process ${winner?.child.pid}) already uses DATA_DIR ${dataDir}; stop it, or set another DATA_DIR or DATABASE_URL.`;
    expect(answers.map(({ refusal }) => refusal).filter(Boolean)).toEqual([line, line]);
    // Whoever launched the server, the refused ones must leave it to the winner.
    expect(await query(answers[winnerIndex]!.connection!, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await readdir(dataDir)).toSorted()).toEqual(['postgres', 'postgres-credentials.json', 'postgres.log']);
  });

  it('starts after a first start that was killed inside initdb, and sweeps its draft away', async () => {
    const dataDir = sandbox.dataDir();
    const owner = sandbox.spawnOwner(dataDir, { compiledDir });
    const draft = await pollUntil(
      async () => {
        const names = await readdir(dataDir).catch(() => []);
        const name = names.find((candidate) => candidate.startsWith('postgres.new-'));
        const isInside = name && (await readdir(join(dataDir, name, 'cluster')).catch(() => [])).length > 0;
        return isInside ? name : undefined;
      },
      { everyMs: 1, timeoutMs: 10_000 },
    );
    await owner.kill9();
    expect(await readdir(dataDir)).toContain(draft);
    const { connection, stop } = await sandbox.start(dataDir);
    expect(await query(connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await readdir(dataDir)).not.toContain(draft);
    await stop();
  });

  it('starts after a crash between initdb and the creation of the role', async () => {
    const dataDir = sandbox.dataDir();
    await prepareSite(dataDir, () => undefined, { sharedDir: sandbox.sharedDir });
    const { connection, stop } = await sandbox.start(dataDir);
    expect(await query(connection, 'SELECT current_user AS role')).toEqual([{ role: 'recant' }]);
    await stop();
  });

  it('starts after a crash between the role and its database', async () => {
    const dataDir = await sandbox.usedDataDir(template);
    const first = await sandbox.start(dataDir);
    await query(first.administrator, 'DROP DATABASE recant');
    await first.stop();
    const second = await sandbox.start(dataDir);
    expect(await query(second.connection, 'SELECT current_database() AS name')).toEqual([{ name: 'recant' }]);
    await second.stop();
  });

  it('is not confused by a postmaster.pid whose number a living foreign process has', async () => {
    const dataDir = await sandbox.usedDataDir(template);
    const { uid, gid } = await stat(join(dataDir, 'postgres'));
    // Of the server's own user: PostgreSQL itself would refuse to start.
    const foreign = spawn('sleep', ['60'], isRoot ? { uid, gid } : {});
    try {
      await leavePostmasterFile(dataDir, `${foreign.pid}\n${join(dataDir, 'postgres')}\n0\n1\n\n127.0.0.1\n\nready\n`);
      const { connection, stop } = await sandbox.start(dataDir);
      expect(await query(connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await stop();
      expect(foreign.exitCode ?? foreign.signalCode).toBeNull();
    } finally {
      foreign.kill('SIGKILL');
      await once(foreign, 'exit');
    }
  });

  it.each([
    ['is empty', ''],
    ['names a process that is gone', '4194303\nx\n0\n1\n\n127.0.0.1\n\nready\n'],
  ])('is not confused by a postmaster.pid that %s', async (_, text) => {
    const dataDir = await sandbox.usedDataDir(template);
    await leavePostmasterFile(dataDir, text);
    const { connection, stop } = await sandbox.start(dataDir);
    expect(await query(connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await stop();
  });

  it('does not take the database files of something else for its own', async () => {
    const dataDir = sandbox.dataDir();
    await mkdir(join(dataDir, 'postgres'), { recursive: true });
    await writeFile(join(dataDir, 'postgres', 'notes.txt'), 'not ours');
    await expect(sandbox.start(dataDir)).rejects.toThrow(/holds files but no PostgreSQL database/);
    expect(await readdir(join(dataDir, 'postgres'))).toEqual(['notes.txt']);
  });

  it('survives the death of its server with a line in the log, and a restart brings it back', async () => {
    const dataDir = await sandbox.usedDataDir(template);
    await sandbox.start(dataDir);
    process.kill(await postmasterPid(dataDir), 'SIGKILL');
    expect(await logged(/has ended; restart Recant/)).toBeDefined();
    const restarted = await sandbox.start(dataDir);
    expect(await query(restarted.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await restarted.stop();
  });

  it('owns its server again after the owning connection broke', async () => {
    const dataDir = await sandbox.usedDataDir(template);
    const { administrator, stop } = await sandbox.start(dataDir);
    const owners = `FROM pg_stat_activity WHERE application_name LIKE 'recant-owner:%'`;
    await query(administrator, `SELECT pg_terminate_backend(pid) ${owners}`);
    expect(await logged(/is back/)).toBeDefined();
    await expect(sandbox.start(dataDir)).rejects.toThrow(/Another Recant/);
    await stop();
  });
});

async function leavePostmasterFile(dataDir: string, text: string): Promise<void> {
  const path = join(dataDir, 'postgres', 'postmaster.pid');
  const { uid, gid } = await stat(join(dataDir, 'postgres'));
  await writeFile(path, text, { mode: 0o600 });
  await chown(path, uid, gid);
}
