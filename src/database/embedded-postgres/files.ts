// The few file operations that must survive a crash at any line.
import { randomBytes } from 'node:crypto';
import { chmod, link, lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

export async function readTextIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

export async function isPresent(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

/** Creates one folder with exactly `mode`, whatever the umask; false when it was there, which is then left as it is. */
export async function createFolder(path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  await chmod(path, mode);
  return true;
}

/** The file appears whole or not at all, mode 0600, and the first of two writers wins; the second changes nothing. */
export async function createFileOnce(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeDurably(draft, text);
  try {
    await link(draft, path);
  } catch (error) {
    await settleWithoutLink(draft, path, error);
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(dirname(path));
}

async function settleWithoutLink(draft: string, path: string, error: unknown): Promise<void> {
  // ENOENT: an owner that started meanwhile swept our draft away; its own file is there then.
  if (hasCode(error, 'EEXIST') || (hasCode(error, 'ENOENT') && (await isPresent(path)))) return;
  // Some file systems (exFAT, a few network ones) have no hard links. There two first starts at the very same moment
  // could overwrite each other; the loser then fails to log in and says so.
  if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) throw error;
  if (!(await isPresent(path))) await rename(draft, path);
}

export async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename or a new name in the folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return; // Windows opens no folders and needs no such call
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
