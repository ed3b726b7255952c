// Do logins and refreshes keep at least two thirds of their throughput while a million dead rows disappear? Rounds of
// two stretches that last equally long, first without, then with a sweep; what is left after them goes under the same
// load. `npm run measure:purge` prints a table and a line of JSON, and exits with 1 when the answer is no or rows are left; quiet machines only.
// DATABASE_URL may name an empty database to fill; without it, an embedded PostgreSQL is started, and thrown away.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

const DEAD_ROWS_EACH = 500_000;
/** Refreshes at once, each in a session of its own, one after the other. */
const REFRESH_CHAINS = 16;
const LOGIN_LOOPS = 2;
const ROUNDS = 3;
const WARM_UP_MS = 3_000;
/** Without a sweep at least; it lasts until the service asks whether one is due, which it does every 10 to 11 s. */
const QUIET_MS = 5_000;
const LEAST_RATIO = 2 / 3;
/** All of it; a machine that needs longer is not fit to tell. */
const LIMIT_MS = 230_000;
/** Between two looks at the rows that are left; the error of the time that they took. */
const POLL_MS = 100;

const PASSWORD = 'correct horse battery staple';
const agent = new Agent({ keepAlive: true, maxSockets: REFRESH_CHAINS + LOGIN_LOOPS });
const counts = { refresh: 0, login: 0, failed: 0 };
const begun = performance.now();

async function openDatabase(dataDir) {
  const { DATABASE_URL: given } = process.env;
  if (given) return { url: given, stop: () => Promise.resolve() };
  const { startEmbeddedPostgres } = await import('../dist/database/embedded-postgres/embedded-postgres.js');
  const { connectionUrl } = await import('../dist/database/database-connection.js');
  const server = await startEmbeddedPostgres({ dataDir, log: () => undefined });
  return { url: connectionUrl(server.connection), stop: () => server.stop() };
}

async function startService(databaseUrl, dataDir) {
  const child = spawn(process.execPath, ['dist/main.js'], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DATABASE_URL: databaseUrl,
      DATA_DIR: dataDir,
      PURGE_INTERVAL_SECONDS: '10',
      RATE_LIMIT_ENABLED: 'false',
      UV_THREADPOOL_SIZE: '16',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const url = await new Promise((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const address = /(http:\/\/127\.0\.0\.1:\d+)/.exec(line);
      if (address) resolve(address[1]);
    });
    void ended.then(([code]) => reject(new Error(`the service ended with code ${code}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const isLate = await Promise.race([ended.then(() => false), sleep(20_000, true, { ref: false })]);
    if (isLate) child.kill('SIGKILL');
    await ended;
  };
  return { url, stop };
}

function post(url, token, json) {
  const body = json ? JSON.stringify(json) : '';
  const headers = {
    'content-length': Buffer.byteLength(body),
    ...(json && { 'content-type': 'application/json' }),
    ...(token && { authorization: `Bearer ${token}` }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode, text }));
      response.on('error', reject);
    });
    sent.on('error', reject).end(body);
  });
}

async function register(url, username) {
  const { status, text } = await post(`${url}/registration`, null, { username, password: PASSWORD });
  if (status !== 201) throw new Error(`registration answered ${status}: ${text}`);
  return JSON.parse(text).refresh_token;
}

/** Users without a login, and the sessions and revocations that they have left behind over the last month. */
async function fill(database) {
  const { rows } = await database.query('SELECT count(*)::int AS users FROM users');
  if (rows[0].users > 0) throw new Error('the database is not empty');
  await database.query(`UPDATE chores SET due_at = 'infinity' WHERE name = 'purge'`);
  await database.query(`INSERT INTO users (id, username, password_hash)
    SELECT gen_random_uuid(), 'gone-' || i, '-' FROM generate_series(1, 5000) AS i`);
  // Rows end about in the order in which they were written, as all of one kind live equally long.
  const ended = `now() - interval '30 days' + i * interval '5 seconds' + random() * interval '1 hour'`;
  const rowsThatEnded = `(SELECT i, ${ended} AS ended FROM generate_series(1, ${DEAD_ROWS_EACH}) AS i)`;
  await database.query(`INSERT INTO sessions (id, user_id, client_id, generation, issue_number, refresh_kid, user_agent,
      created_at, rotated_at, last_used_at, expires_at, idle_expires_at)
    SELECT gen_random_uuid(), users[1 + i % 5000], 'recant', 9, i, 'gone', 'Mozilla/5.0 (X11; Linux x86_64)',
      ended - interval '30 days', ended, ended, ended, ended
    FROM (SELECT array_agg(id) AS users FROM users) AS u, LATERAL ${rowsThatEnded} AS s`);
  // Nobody has to hear of what has ended, one by one.
  await database.query('ALTER TABLE revocations DISABLE TRIGGER USER');
  await database.query(`INSERT INTO revocations (level, target, reason, created_at, expires_at)
    SELECT 'token', gen_random_uuid(), 'logout', ended - interval '15 minutes', ended FROM ${rowsThatEnded} AS r`);
  await database.query('ALTER TABLE revocations ENABLE TRIGGER USER');
  await database.query('VACUUM ANALYZE users, sessions, revocations');
}

async function deadRows(database) {
  const { rows } = await database.query(`SELECT
    (SELECT count(*)::int FROM sessions WHERE expires_at < now() - interval '5 seconds') +
    (SELECT count(*)::int FROM revocations WHERE expires_at < now() - interval '5 seconds') AS dead`);
  return rows[0].dead;
}

/** Requests until the signal comes, counted; the promise ends when the last answer is there. */
async function load(url, refreshTokens, usernames, signal) {
  const chain = async (first) => {
    for (let token = first; !signal.aborted;) {
      const { status, text } = await post(`${url}/token/refresh`, token);
      counts[status === 200 ? 'refresh' : 'failed'] += 1;
      // Its chain is at an end; the failure is reported.
      if (status !== 200) return;
      token = JSON.parse(text).refresh_token;
    }
  };
  const logins = async (username) => {
    while (!signal.aborted) {
      const { status } = await post(`${url}/login`, null, { username, password: PASSWORD });
      counts[status === 200 ? 'login' : 'failed'] += 1;
    }
  };
  await Promise.all([...refreshTokens.map(chain), ...usernames.map(logins)]);
}

/** Counts until `isDone`, and answers what was counted, in how many milliseconds. */
async function stretch(isDone) {
  const from = { ...counts, at: performance.now() };
  while (!(await isDone(performance.now() - from.at))) await sleep(POLL_MS);
  const ms = performance.now() - from.at;
  return { ms, refresh: counts.refresh - from.refresh, login: counts.login - from.login };
}

async function isSweeping(database) {
  const { rows } = await database.query(`SELECT due_at > now() AND due_at < 'infinity' AS sweeping FROM chores`);
  return rows[0].sweeping;
}

/** A sweep that is over is due again in 10 s; one under way holds its chore for longer. */
async function isOver(database) {
  const { rows } = await database.query(`SELECT due_at < now() + interval '30 seconds' AS over FROM chores`);
  return rows[0].over;
}

/** One round: quiet until a sweep begins, and then as long with it, or until nothing is left. */
async function round(database) {
  let isAllowed = false;
  const quiet = await stretch(async (ms) => {
    if (!isAllowed && ms > QUIET_MS) {
      isAllowed = true;
      await database.query('UPDATE chores SET due_at = now()');
    }
    return isAllowed && (await isSweeping(database));
  });
  const sweeping = await stretch(async (ms) => ms >= quiet.ms || (await isOver(database)));
  // Whoever sweeps no longer holds it, and stops.
  await database.query(`UPDATE chores SET due_at = 'infinity'`);
  console.log(`${round1(quiet.ms / 1000)} s without and with; ${await deadRows(database)} rows left`);
  return { quiet, sweeping };
}

/** The rest, under the same load; answers for how long it was swept. */
async function finish(database) {
  let ms = 0;
  while ((await deadRows(database)) > 0 && performance.now() - begun < LIMIT_MS - 10_000) {
    await database.query('UPDATE chores SET due_at = now()');
    await stretch(() => isSweeping(database));
    const rest = await stretch(async () => performance.now() - begun > LIMIT_MS - 10_000 || (await isOver(database)));
    ms += rest.ms;
  }
  return ms;
}

const sum = (stretches, what) => stretches.reduce((total, each) => total + each[what], 0);
const perSecond = (stretches, what) => (1000 * sum(stretches, what)) / sum(stretches, 'ms');

function report(all, restMs, left) {
  const [without, withSweep] = [all.map(({ quiet }) => quiet), all.map(({ sweeping }) => sweeping)];
  const lines = ['refresh', 'login'].map((what) => {
    const [alone, beside] = [perSecond(without, what), perSecond(withSweep, what)];
    return [what, { 'without, 1/s': round1(alone), 'with, 1/s': round1(beside), ratio: round1(beside / alone, 3) }];
  });
  const result = {
    rows: 2 * DEAD_ROWS_EACH,
    left,
    sweptSeconds: round1((sum(withSweep, 'ms') + restMs) / 1000),
    rounds: all.length,
    failed: counts.failed,
    cores: cpus().length,
    ...Object.fromEntries(lines),
  };
  console.table(Object.fromEntries(lines));
  console.log(`${result.rows} dead rows, ${left} left after ${result.sweptSeconds} s of sweeping (asked: 0 left)`);
  console.log(JSON.stringify(result));
  return left === 0 && counts.failed === 0 && lines.every(([, { ratio }]) => ratio >= LEAST_RATIO);
}

function round1(value, digits = 1) {
  return Number(value.toFixed(digits));
}

async function measure(url, database) {
  await fill(database);
  console.log(
    `filled after ${Math.round((performance.now() - begun) / 1000)} s: ${await deadRows(database)} dead rows`,
  );
  const usernames = Array.from({ length: LOGIN_LOOPS }, (_, i) => `login-${i}`);
  for (const username of usernames) await register(url, username);
  const refreshTokens = [];
  for (let i = 0; i < REFRESH_CHAINS; i++) refreshTokens.push(await register(url, `refresh-${i}`));
  const loading = new AbortController();
  const loaded = load(url, refreshTokens, usernames, loading.signal);
  try {
    await sleep(WARM_UP_MS);
    const all = [];
    for (let i = 0; i < ROUNDS; i++) all.push(await round(database));
    const restMs = await finish(database);
    return report(all, restMs, await deadRows(database));
  } finally {
    loading.abort();
    await loaded;
  }
}

const dataDir = mkdtempSync(join(tmpdir(), 'recant-purge-'));
// Started as root, the embedded PostgreSQL runs as another user, who must get to its folder.
chmodSync(dataDir, 0o711);
/** @type {(() => unknown)[]} */
const undo = [() => rmSync(dataDir, { recursive: true, force: true })];
const late = setTimeout(() => {
  console.error(`not done after ${LIMIT_MS / 1000} s`);
  void end().finally(() => process.exit(1));
}, LIMIT_MS);

let ending;
function end() {
  return (ending ??= (async () => {
    while (undo.length > 0) await undo.pop()();
  })());
}

try {
  const { url: databaseUrl, stop: stopDatabase } = await openDatabase(dataDir);
  undo.push(stopDatabase);
  const { url, stop: stopService } = await startService(databaseUrl, dataDir);
  undo.push(stopService);
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  undo.push(() => database.end());
  process.exitCode = (await measure(url, database)) ? 0 : 1;
} finally {
  await end();
  agent.destroy();
  clearTimeout(late);
}
