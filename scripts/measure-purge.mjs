// Do logins and refreshes keep at least two thirds of their throughput while a million dead rows disappear? Rounds of
// two stretches that last equally long, first without, then with a sweep; what is left after them goes under the same
// load. `npm run measure:purge` prints a table and a line of JSON, and exits with 1 when the answer is no or rows are left; quiet machines only.
// DATABASE_URL may name a PostgreSQL whose role can make databases; without it, the embedded one is started and thrown away.
import { Agent } from 'node:http';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { cleanUpOnSignals, withCleanup } from '../bench/support/cleanup.mjs';
import { openServer } from '../bench/support/database.mjs';
import { exchange, expectJson } from '../bench/support/http-client.mjs';
import { inTime } from '../bench/support/in-time.mjs';
import { startService } from '../bench/support/service.mjs';
import { rounded } from '../bench/support/statistics.mjs';
import { temporaryFolder } from '../bench/support/temporary-folder.mjs';

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

async function register(url, username) {
  const json = { username, password: PASSWORD };
  return (await expectJson(201, `${url}/registration`, { method: 'POST', agent, json })).refresh_token;
}

/** Users without a login, and the sessions and revocations that they have left behind over the last month. */
async function fill(database) {
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
      const { status, text } = await exchange(`${url}/token/refresh`, { method: 'POST', agent, token });
      counts[status === 200 ? 'refresh' : 'failed'] += 1;
      // Its chain is at an end; the failure is reported.
      if (status !== 200) return;
      token = JSON.parse(text).refresh_token;
    }
  };
  const logins = async (username) => {
    while (!signal.aborted) {
      const { status } = await exchange(`${url}/login`, {
        method: 'POST',
        agent,
        json: { username, password: PASSWORD },
      });
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
  console.log(`${rounded(quiet.ms / 1000)} s without and with; ${await deadRows(database)} rows left`);
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
    return [what, { 'without, 1/s': rounded(alone), 'with, 1/s': rounded(beside), ratio: rounded(beside / alone, 3) }];
  });
  const result = {
    rows: 2 * DEAD_ROWS_EACH,
    left,
    sweptSeconds: rounded((sum(withSweep, 'ms') + restMs) / 1000),
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

async function connect(url, cleanup) {
  const database = new Client({ connectionString: url });
  await database.connect();
  cleanup.add(() => database.end());
  return database;
}

cleanUpOnSignals();
const isGood = await withCleanup(async (cleanup) => {
  const databaseUrl = await (await openServer(cleanup)).createDatabase(cleanup);
  const cwd = temporaryFolder(cleanup);
  const variables = {
    PORT: '0',
    DATABASE_URL: databaseUrl,
    DATA_DIR: cwd,
    PURGE_INTERVAL_SECONDS: '10',
    RATE_LIMIT_ENABLED: 'false',
  };
  const { url } = await startService({ variables, cwd, cleanup });
  cleanup.add(() => agent.destroy());
  return inTime(LIMIT_MS / 1000, measure(url, await connect(databaseUrl, cleanup)));
});
process.exitCode = isGood ? 0 : 1;
