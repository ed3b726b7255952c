import { connectAsAdministrator, serviceConnection, type ConnectionParameters } from './connection.js';
import { findCredentials, type Credentials } from './credentials.js';
import { findClusterHome } from './data-home.js';
import { pollUntil } from './polling.js';
import { findPostmaster } from './postmaster-file.js';
import { inspectServiceRole } from './service-role.js';

const ATTACH_TIMEOUT_MS = 5_000;

export async function attachToServer(dataDir: string): Promise<ConnectionParameters | null> {
  const home = await findClusterHome(dataDir);
  const credentials = home && (await findCredentials(dataDir));
  if (!home || !credentials) return null;
  const attached = await pollUntil(() => tryToAttach(home.clusterDir, credentials), {
    everyMs: 20,
    timeoutMs: ATTACH_TIMEOUT_MS,
  });
  return attached ?? null;
}

/** Null: no server. Undefined: not yet, ask again. */
async function tryToAttach(
  clusterDir: string,
  credentials: Credentials,
): Promise<ConnectionParameters | null | undefined> {
  const postmaster = await findPostmaster(clusterDir);
  if (postmaster === null) return null;
  if (!postmaster.isReady) return undefined;
  const client = await connectAsAdministrator(postmaster, credentials, clusterDir, 'recant-attach');
  if (!client) return undefined;
  try {
    // During the very first start the server is ready a moment before its role and database are.
    const { hasRole, hasDatabase } = await inspectServiceRole(client);
    return hasRole && hasDatabase ? serviceConnection(postmaster, credentials) : undefined;
  } finally {
    await client.end();
  }
}
