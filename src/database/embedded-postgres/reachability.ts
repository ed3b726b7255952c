// Whether the server's user can come to a path, read from the mode of every folder on the way. A server started by us
// has no supplementary groups (spawn drops them), so owner, group and others are the whole answer; an access control
// list that says otherwise is not seen, and the server's own message then tells.
import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { ServerAccount } from './server-account.js';

const READ = 4;
const EXECUTE = 1;

/** The outermost folder on the way into `folder`, itself included, that the account cannot pass; null: the way is free. */
export async function findObstacle(folder: string, account: ServerAccount): Promise<string | null> {
  for (const step of waysTo(await realpath(folder))) {
    if (!grants(await stat(step), account, EXECUTE)) return step;
  }
  return null;
}

export async function canRead(file: string, account: ServerAccount): Promise<boolean> {
  return canUse(file, account, READ);
}

export async function canExecute(file: string, account: ServerAccount): Promise<boolean> {
  return canUse(file, account, READ | EXECUTE);
}

async function canUse(file: string, account: ServerAccount, bits: number): Promise<boolean> {
  const real = await realpath(file);
  return (await findObstacle(dirname(real), account)) === null && grants(await stat(real), account, bits);
}

function waysTo(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [...waysTo(parent), folder];
}

function grants(stats: Stats, account: ServerAccount, bits: number): boolean {
  // POSIX looks at one class only: an owner without the bit is refused even where others have it.
  const shift = stats.uid === account.uid ? 6 : stats.gid === account.gid ? 3 : 0;
  return ((stats.mode >> shift) & bits) === bits;
}
