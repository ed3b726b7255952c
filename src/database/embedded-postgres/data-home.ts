import { chmod, chown, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { createFileOnce, createFolder, isPresent, readTextIfPresent } from './files.js';
import { findObstacle } from './reachability.js';
import type { ServerAccount } from './server-account.js';

/** Where one DATA_DIR keeps its cluster: `homeDir` is DATA_DIR itself, or a folder the server's user can come to. */
export interface DataHome {
  homeDir: string;
  clusterDir: string;
  isElsewhere: boolean;
}

const CLUSTER_NAME = 'postgres';
/** A file in DATA_DIR that names the cluster's home when that is elsewhere; written once a whole cluster is there. */
export const POINTER_FILE = 'postgres-location';

export async function prepareDataDir(dataDir: string): Promise<string> {
  const absolute = resolve(dataDir);
  await mkdir(dirname(absolute), { recursive: true });
  await createFolder(absolute, 0o700);
  return realpath(absolute);
}

export async function findClusterHome(dataDir: string): Promise<DataHome | null> {
  const pointer = await readTextIfPresent(join(dataDir, POINTER_FILE));
  const home = pointer === null ? homeAt(dataDir, dataDir) : homeAt(pointer.trim(), dataDir);
  if (await isPresent(join(home.clusterDir, 'PG_VERSION'))) return home;
  if (pointer === null) return null;
  // Never start an empty database in place of a lost one: a container may have been rebuilt without that folder.
  throw new EmbeddedPostgresError(
    `The database of DATA_DIR ${dataDir} was kept in ${home.clusterDir}, which is gone; put it back, or delete DATA_DIR to start empty.`,
  );
}

/** For a cluster that is still to be made. */
export async function chooseHome(
  dataDir: string,
  account: ServerAccount | null,
  elsewhereDir: string,
): Promise<DataHome> {
  if (account === null) return homeAt(dataDir, dataDir);
  const obstacle = await findObstacle(dataDir, account);
  if (obstacle === null || (obstacle === dataDir && (await letServerThrough(dataDir, account)))) {
    return homeAt(dataDir, dataDir);
  }
  await makeElsewhere(elsewhereDir, account);
  return homeAt(elsewhereDir, dataDir);
}

export async function requireReachable(home: DataHome, account: ServerAccount | null): Promise<void> {
  const obstacle = account && (await findObstacle(home.homeDir, account));
  if (!obstacle || (obstacle === home.homeDir && (await letServerThrough(obstacle, account)))) return;
  throw new EmbeddedPostgresError(
    `The user ${account.name}, who owns the database in ${home.clusterDir}, cannot pass ${obstacle}; give that folder the right to be entered, or move DATA_DIR.`,
  );
}

export async function recordElsewhere(dataDir: string, home: DataHome): Promise<void> {
  if (home.isElsewhere) await createFileOnce(join(dataDir, POINTER_FILE), `${home.homeDir}\n`);
}

function homeAt(homeDir: string, dataDir: string): DataHome {
  return { homeDir, clusterDir: join(homeDir, CLUSTER_NAME), isElsewhere: homeDir !== dataDir };
}

/**
 * As root, a DATA_DIR that only root may enter keeps its database inside: the server's group, and nobody else, gets
 * the right to pass through it (0710), not to list it, and our files in it stay 0600. The other choice, a database
 * far away in /var/lib, would be lost with the container whose volume DATA_DIR is. A folder that somebody else owns,
 * or whose group already has rights, is not touched.
 */
async function letServerThrough(dataDir: string, account: ServerAccount): Promise<boolean> {
  const { uid, mode } = await stat(dataDir);
  if (uid !== 0 || (mode & 0o070) !== 0) return false;
  await chown(dataDir, 0, account.gid);
  await chmod(dataDir, (mode & 0o7777) | 0o010);
  return true;
}

async function makeElsewhere(elsewhereDir: string, account: ServerAccount): Promise<void> {
  await mkdir(dirname(dirname(elsewhereDir)), { recursive: true });
  await createFolder(dirname(elsewhereDir), 0o711);
  await createFolder(elsewhereDir, 0o700);
  await letServerThrough(elsewhereDir, account);
  const obstacle = await findObstacle(elsewhereDir, account);
  if (obstacle === null) return;
  throw new EmbeddedPostgresError(
    `The user ${account.name}, who must run PostgreSQL, can enter neither DATA_DIR nor ${obstacle}; start Recant as an ordinary user, choose another DATA_DIR, or set DATABASE_URL.`,
  );
}
