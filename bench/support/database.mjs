// The PostgreSQL under it all: the embedded one, started for the bench and thrown away, or that of DATABASE_URL.
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { temporaryFolder } from './temporary-folder.mjs';

/**
 * A server on which databases can be made.
 *
 * @typedef {object} DatabaseServer
 * @property {string} version
 * @property {number | null} pid of the process that starts those of connections; null where it may be on another machine
 * @property {(cleanup: import('./cleanup.mjs').Cleanup) => Promise<string>} createDatabase answers its address
 */

/** @param {import('./cleanup.mjs').Cleanup} cleanup @returns {Promise<DatabaseServer>} */
export async function openServer(cleanup) {
  const { DATABASE_URL: given } = process.env;
  return given ? describe(given, new URL(given), null) : startEmbedded(temporaryFolder(cleanup), cleanup);
}

async function startEmbedded(dataDir, cleanup) {
  const { startEmbeddedPostgres } = await import('../../dist/database/embedded-postgres/embedded-postgres.js');
  const { connectionUrl } = await import('../../dist/database/database-connection.js');
  const server = await startEmbeddedPostgres({ dataDir, log: () => undefined });
  cleanup.add(() => server.stop());
  const administrator = connectionUrl(server.administrator);
  const [{ pid }] = await run(
    administrator,
    `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid`,
  );
  return describe(administrator, new URL(connectionUrl(server.connection)), pid);
}

/** @param {string} administrator may make databases @param {URL} user owns them */
async function describe(administrator, user, pid) {
  const [{ server_version: version }] = await run(administrator, 'SHOW server_version');
  return {
    version,
    pid,
    createDatabase: async (cleanup) => {
      const name = `recant_bench_${randomBytes(6).toString('hex')}`;
      await run(administrator, `CREATE DATABASE ${name} OWNER ${quoted(decodeURIComponent(user.username))}`);
      cleanup.add(() => run(administrator, `DROP DATABASE ${name} WITH (FORCE)`));
      return Object.assign(new URL(user), { pathname: `/${name}` }).href;
    },
  };
}

function quoted(name) {
  return name === '' ? 'CURRENT_USER' : `"${name.replaceAll('"', '""')}"`;
}

/** One statement, or several without values, on a connection of its own. */
export async function run(url, sql, values) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(sql, values);
    return rows;
  } finally {
    await client.end();
  }
}
