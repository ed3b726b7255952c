import { link, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { readTextIfPresent } from './files.js';
import { isAlive, isPostmasterOf } from './process-identity.js';

/** A server process as its postmaster.pid tells it. */
export interface Postmaster {
  pid: number;
  port: number;
  isReady: boolean;
}

/** The server that runs on this folder, however it was started; null when the file is absent, stale or not its own. */
export async function findPostmaster(clusterDir: string): Promise<Postmaster | null> {
  const postmaster = await readPostmasterFile(clusterDir);
  return postmaster && (await isPostmasterOf(postmaster.pid, clusterDir)) ? postmaster : null;
}

/**
 * PostgreSQL clears a stale postmaster.pid by itself when its process is dead, but refuses to start while that number
 * belongs to any other process of the same user, and when the file is empty. Those two are put aside here.
 * If a server did start in between, nothing breaks: its file is put back, and PostgreSQL's second lock, the shared
 * memory of the folder, keeps two servers apart even without the file.
 */
export async function putStaleFileAside(clusterDir: string): Promise<void> {
  const path = join(clusterDir, 'postmaster.pid');
  const judged = await readTextIfPresent(path);
  if (judged === null || !(await isStale(judged, clusterDir))) return;
  if (!hasPid(judged)) {
    await sleep(100); // a server that is just writing its file
    if ((await readTextIfPresent(path)) !== judged) return;
  }
  const aside = `${path}.stale`;
  await rename(path, aside);
  if (pidOf(await readTextIfPresent(aside)) !== pidOf(judged)) await link(aside, path);
  await rm(aside, { force: true });
}

async function isStale(text: string, clusterDir: string): Promise<boolean> {
  if (!hasPid(text)) return true;
  const pid = pidOf(text);
  return isAlive(pid) && !(await isPostmasterOf(pid, clusterDir));
}

function hasPid(text: string): boolean {
  return pidOf(text) > 0;
}

function pidOf(text: string | null): number {
  return Number.parseInt(text ?? '', 10) || 0;
}

async function readPostmasterFile(clusterDir: string): Promise<Postmaster | null> {
  const text = await readTextIfPresent(join(clusterDir, 'postmaster.pid'));
  // Lines by PostgreSQL's pidfile.h: 1 process, 2 folder, 3 start time, 4 port, 5 to 7 sockets and memory, 8 status.
  const lines = (text ?? '').split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!Number.isInteger(pid) || pid <= 0 || !Number.isInteger(port)) return null;
  return { pid, port, isReady: lines[7]?.trim() === 'ready' };
}
