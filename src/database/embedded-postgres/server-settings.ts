import { createServer } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/** How our server differs from PostgreSQL's defaults. fsync and full_page_writes stay on: what is committed stays. */
const SERVER_SETTINGS: Readonly<Record<string, string>> = {
  cluster_name: 'recant',
  listen_addresses: LOOPBACK,
  unix_socket_directories: '', // a socket in /tmp would be open to every user of the machine
  max_connections: '100',
  io_method: 'sync', // three processes fewer; their read-ahead is for tables much larger than ours
  jit: 'off', // short statements only: compiling costs more than it gives
  timezone: 'UTC',
  log_timezone: 'UTC',
  // The log is for starts, stops and crashes. A failed statement is the service's to report; in this log its text and
  // its DETAIL would put values, such as a password's hash, onto the disk.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  logging_collector: 'off', // standard error is our file
};

export function serverArguments(clusterDir: string, port: number): string[] {
  const settings = Object.entries(SERVER_SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', clusterDir, '-p', String(port), ...settings];
}

/** Free at this moment; another program may take it before PostgreSQL does, so a start must be ready to try again. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, LOOPBACK, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
