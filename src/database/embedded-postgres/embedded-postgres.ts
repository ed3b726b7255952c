import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';

import { sweepDrafts } from './cluster.js';
import { administratorConnection, serviceConnection, type ConnectionParameters } from './connection.js';
import { EmbeddedPostgresError, toOperatorError } from './embedded-postgres.error.js';
import { hasCode } from './files.js';
import { endServer } from './server.js';
import { attachToServer } from './server-attach.js';
import { reachServer, type OwnedServer } from './server-reach.js';
import { prepareSite, type PreparedSite, type Surroundings } from './server-site.js';
import { ensureServiceRole } from './service-role.js';

export { EmbeddedPostgresError, type ConnectionParameters };

export interface EmbeddedPostgres {
  /** Role `recant`: owner of the database `recant`, no superuser. */
  readonly connection: ConnectionParameters;
  /** The superuser; for tests and backups. */
  readonly administrator: ConnectionParameters;
  /** Ends the server and returns when its process is gone; may be called again. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the server of DATA_DIR, or adopts the one a killed Recant left running, and owns it until `stop` or the end of
 * this process, whichever comes first. It refuses, with an EmbeddedPostgresError, what another process owns.
 */
export async function startEmbeddedPostgres(
  options: { dataDir: string; log: (line: string) => void },
  surroundings: Surroundings = {},
): Promise<EmbeddedPostgres> {
  try {
    const site = await prepareSite(options.dataDir, options.log, surroundings);
    const server = await reachServer(site, options.log);
    return await furnishServer(site, server);
  } catch (error) {
    throw toOperatorError(error, resolve(options.dataDir));
  }
}

/** For command line tools: the running server's connection, or null. Starts and stops nothing, takes no lock. */
export async function attachEmbeddedPostgres(options: { dataDir: string }): Promise<ConnectionParameters | null> {
  try {
    return await attachToServer(await realpath(options.dataDir));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw toOperatorError(error, resolve(options.dataDir));
  }
}

/** From here on the server is ours, so whatever fails takes it down again. */
async function furnishServer(site: PreparedSite, server: OwnedServer): Promise<EmbeddedPostgres> {
  const { postmaster, client } = server;
  const { credentials } = site;
  const stop = stopOnce(site, server);
  try {
    await Promise.all([sweepDrafts(site.dataDir), sweepDrafts(site.home.homeDir)]);
    await ensureServiceRole(client, credentials.recantPassword);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    connection: serviceConnection(postmaster, credentials),
    administrator: administratorConnection(postmaster, credentials),
    stop,
  };
}

function stopOnce(site: PreparedSite, { postmaster, owner }: OwnedServer): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  return () => (stopping ??= stop());

  async function stop(): Promise<void> {
    // The lock is held until the server itself ends the connection, so nobody can adopt a server that is about to go.
    owner.expectEnd();
    try {
      await endServer(postmaster.pid, site);
    } finally {
      await owner.release();
    }
  }
}
