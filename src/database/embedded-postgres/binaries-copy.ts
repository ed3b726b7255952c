import { chmod, copyFile, mkdir, mkdtemp, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import type { PostgresBinaries } from './binaries.js';
import { createFolder, hasCode, isPresent } from './files.js';
import { canExecute, canRead } from './reachability.js';
import type { ServerAccount } from './server-account.js';

/**
 * The same binaries at a place the server's user can come to: where they are, or else a copy (60 MB) under `sharedDir`,
 * made once per version. The checkout is never opened to others for it.
 */
export async function reachableBinaries(
  binaries: PostgresBinaries,
  account: ServerAccount | null,
  sharedDir: string,
): Promise<PostgresBinaries> {
  if (account === null || (await canRun(binaries, account))) return binaries;
  const target = join(sharedDir, 'binaries', `${binaries.version}-${process.platform}-${process.arch}`);
  await createFolder(sharedDir, 0o711);
  await createFolder(join(sharedDir, 'binaries'), 0o755);
  if (!(await isPresent(target))) await copyPackage(binaries.packageDir, target);
  const moved = (path: string) => join(target, relative(binaries.packageDir, path));
  const { postgres, initdb, pgCtl } = binaries;
  return { ...binaries, packageDir: target, postgres: moved(postgres), initdb: moved(initdb), pgCtl: moved(pgCtl) };
}

async function canRun({ postgres, initdb, packageDir }: PostgresBinaries, account: ServerAccount): Promise<boolean> {
  // One file of each folder the server reads from; npm gives all files of a package the same rights.
  const bootstrap = join(packageDir, 'native', 'share', 'postgresql', 'postgres.bki');
  if (!(await canExecute(postgres, account)) || !(await canExecute(initdb, account))) return false;
  return !(await isPresent(bootstrap)) || canRead(bootstrap, account);
}

async function copyPackage(source: string, target: string): Promise<void> {
  const draft = await mkdtemp(`${target}.new-`);
  try {
    await chmod(draft, 0o755);
    await copyTree(join(source, 'native'), join(draft, 'native'));
    await rename(draft, target);
  } catch (error) {
    // ENOTEMPTY: another process copied the same version at the same time. Its copy is as good.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function copyTree(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  await chmod(target, 0o755);
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) await copyTree(from, to);
    else if (entry.isSymbolicLink()) await symlink(await readlink(from), to);
    else await copyReadable(from, to);
  }
}

async function copyReadable(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  // A checkout made with umask 077 has files only its owner may read, so the source's mode is no guide.
  await chmod(to, dirname(to).endsWith('bin') ? 0o755 : 0o644);
}
