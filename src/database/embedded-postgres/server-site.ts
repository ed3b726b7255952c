import { join } from 'node:path';

import { locateBinaries } from './binaries.js';
import { reachableBinaries } from './binaries-copy.js';
import { createCluster, requireSameMajor } from './cluster.js';
import { findOrCreateCredentials, type Credentials } from './credentials.js';
import {
  chooseHome,
  findClusterHome,
  prepareDataDir,
  recordElsewhere,
  requireReachable,
  type DataHome,
} from './data-home.js';
import { chooseServerAccount } from './server-account.js';
import { LOG_FILE } from './server-log.js';
import type { ServerSite } from './server.js';

/** What a test may put elsewhere; a service never sets it. */
export interface Surroundings {
  /** Entry file of the platform's binary package. */
  packageEntry?: string;
  /** As root: where data and binaries go that the server's user could not come to. */
  sharedDir?: string;
}

export interface PreparedSite extends ServerSite {
  dataDir: string;
  home: DataHome;
  credentials: Credentials;
}

/** Brings DATA_DIR to the point where a server can be started on it: checks first, then whatever is missing. */
export async function prepareSite(
  requestedDataDir: string,
  log: (line: string) => void,
  surroundings: Surroundings,
): Promise<PreparedSite> {
  const sharedDir = surroundings.sharedDir ?? '/var/lib/recant';
  const located = await locateBinaries(surroundings.packageEntry);
  const dataDir = await prepareDataDir(requestedDataDir);
  const existing = await findClusterHome(dataDir);
  if (existing) await requireSameMajor(existing, located);
  const account = await chooseServerAccount(existing?.clusterDir ?? null);
  const credentials = await findOrCreateCredentials(dataDir, existing?.clusterDir ?? null);
  const home = existing ?? (await chooseHome(dataDir, account, join(sharedDir, credentials.clusterId)));
  await requireReachable(home, account);
  const binaries = await reachableBinaries(located, account, sharedDir);
  if (!existing) await createCluster(home, binaries, account, credentials);
  await recordElsewhere(dataDir, home);
  if (home.isElsewhere && account) {
    log(`The user ${account.name}, who runs PostgreSQL, cannot enter ${dataDir}: the data is in ${home.clusterDir}.`);
  }
  const { clusterDir } = home;
  return { dataDir, home, clusterDir, logFile: join(dataDir, LOG_FILE), binaries, account, credentials };
}
