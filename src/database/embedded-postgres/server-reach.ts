import type { Client } from 'pg';

import { connectAsAdministrator, isNotNow } from './connection.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { OwnedByAnotherError } from './owned-by-another.error.js';
import { pollUntil } from './polling.js';
import { findPostmaster, type Postmaster } from './postmaster-file.js';
import { endServer, launchServer, START_TIMEOUT_MS } from './server.js';
import { OWNER_APPLICATION_NAME, ServerOwner } from './server-owner.js';
import type { PreparedSite } from './server-site.js';

export interface OwnedServer {
  postmaster: Postmaster;
  client: Client;
  owner: ServerOwner;
}

/** Comes to own the site's server: the one that runs already, or else one it launches. */
export async function reachServer(site: PreparedSite, log: (line: string) => void): Promise<OwnedServer> {
  const reached = await pollUntil(() => tryToReach(site, log), { everyMs: 20, timeoutMs: START_TIMEOUT_MS });
  if (reached) return reached;
  // A server that is still recovering is left alone: it gets further, and the next start finds it.
  throw new EmbeddedPostgresError(
    `PostgreSQL in ${site.clusterDir} was not ready after ${START_TIMEOUT_MS / 1000} s; see ${site.logFile}, and start Recant again.`,
  );
}

/** Undefined when it is worth trying again. */
async function tryToReach(site: PreparedSite, log: (line: string) => void): Promise<OwnedServer | undefined> {
  const running = await findPostmaster(site.clusterDir);
  if (running) return takeServer(site, running, log);
  const launched = await launchServer(site);
  try {
    return launched && (await takeServer(site, launched, log));
  } catch (error) {
    // Refused because another start took our server first: it is that one's now. Anything else: do not leave it behind.
    if (launched && !(error instanceof OwnedByAnotherError)) await endServer(launched.pid, site);
    throw error;
  }
}

async function takeServer(
  site: PreparedSite,
  postmaster: Postmaster,
  log: (line: string) => void,
): Promise<OwnedServer | undefined> {
  const client = await connect(site, postmaster);
  if (!client) return undefined;
  const reconnect = () => reconnectTo(site, postmaster.pid);
  try {
    return { postmaster, client, owner: await ServerOwner.take(client, site.dataDir, { reconnect, log }) };
  } catch (error) {
    await client.end().catch(() => undefined); // the connection only: the server may be another's, and stays
    if (isNotNow(error)) return undefined; // its owner was just stopping it
    throw error;
  }
}

async function connect(site: PreparedSite, postmaster: Postmaster): Promise<Client | undefined> {
  if (!postmaster.isReady) return undefined;
  return connectAsAdministrator(postmaster, site.credentials, site.clusterDir, OWNER_APPLICATION_NAME);
}

async function reconnectTo(site: PreparedSite, pid: number): Promise<Client | undefined | null> {
  const running = await findPostmaster(site.clusterDir);
  return running?.pid === pid ? connect(site, running) : null;
}
