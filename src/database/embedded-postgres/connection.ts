import { Client } from 'pg';

import { ADMINISTRATOR } from './cluster.js';
import type { Credentials } from './credentials.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { hasCode } from './files.js';
import { isSameFolder } from './process-identity.js';
import type { Postmaster } from './postmaster-file.js';
import { LOOPBACK } from './server-settings.js';

export interface ConnectionParameters {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

export const SERVICE_ROLE = 'recant';
const CONNECT_TIMEOUT_MS = 5_000;

// Refused or reset, starting or shutting down (57P03), just ended (57P01, 57P02), full (53300): ask again.
const NOT_NOW = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P03', '57P01', '57P02', '53300'];

export function serviceConnection({ port }: Postmaster, { recantPassword }: Credentials): ConnectionParameters {
  return { host: LOOPBACK, port, user: SERVICE_ROLE, password: recantPassword, database: SERVICE_ROLE };
}

export function administratorConnection(
  { port }: Postmaster,
  { administratorPassword }: Credentials,
): ConnectionParameters {
  return { host: LOOPBACK, port, user: ADMINISTRATOR, password: administratorPassword, database: 'postgres' };
}

/** Undefined when the server does not take connections at the moment. The caller ends the client. */
export async function connectAsAdministrator(
  postmaster: Postmaster,
  credentials: Credentials,
  clusterDir: string,
  applicationName: string,
): Promise<Client | undefined> {
  const client = new Client({
    ...administratorConnection(postmaster, credentials),
    application_name: applicationName,
    ssl: false, // whatever PGSSLMODE says: this never leaves the machine
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on('error', () => undefined); // a broken connection is seen by its 'end'; unhandled it would end the process
  try {
    await client.connect();
    await requireOurServer(client, postmaster, clusterDir);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    if (isNotNow(error)) return undefined;
    throw hasCode(error, '28P01') ? wrongPassword(clusterDir, error) : error;
  }
}

/** Whether the connection failed for a reason that passes. pg gives some losses no code, only these texts. */
export function isNotNow(error: unknown): boolean {
  if (hasCode(error, ...NOT_NOW)) return true;
  return error instanceof Error && /Connection terminated|timeout expired|not queryable/.test(error.message);
}

async function requireOurServer(client: Client, { pid, port }: Postmaster, clusterDir: string): Promise<void> {
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
  const folder = rows[0]?.data_directory ?? '';
  if (await isSameFolder(folder, clusterDir)) return;
  throw new EmbeddedPostgresError(
    `The server on port ${port} belongs to ${folder}, not to ${clusterDir}; delete postmaster.pid there if process ${pid} is not its server.`,
  );
}

function wrongPassword(clusterDir: string, cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The stored passwords do not fit the database in ${clusterDir}; restore both from the same backup.`,
    { cause },
  );
}
