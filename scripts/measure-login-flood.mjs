// Is the protected resource still answered in time, and the memory bounded, while 500 people log in at once? The built service
// with production's defaults over the embedded PostgreSQL, started and thrown away, or a database on the server of DATABASE_URL.
// `npm run measure:flood` prints a table and a line of JSON, and exits with 1 when the answer is no; quiet machines only.
//
// RATE_LIMIT_ENABLED is false: with the limits, most of 500 logins from one address would be refused before a password is
// looked at, and nothing would be shown of what the passwords cost.
import { Agent } from 'node:http';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanUpOnSignals, withCleanup } from '../bench/support/cleanup.mjs';
import { openServer } from '../bench/support/database.mjs';
import { exchange, expectJson } from '../bench/support/http-client.mjs';
import { inTime } from '../bench/support/in-time.mjs';
import { machine } from '../bench/support/machine.mjs';
import { productionVariables, startService } from '../bench/support/service.mjs';
import { percentiles, rounded, roundedEach } from '../bench/support/statistics.mjs';
import { temporaryFolder } from '../bench/support/temporary-folder.mjs';

const LOGINS = 500;
/** Accounts that they log in to, in turn. */
const USERS = 20;
/** Requests for the protected resource, evenly: 100 a second, each sent when it is due, whether those before are answered. */
const PACE_MS = 10;
const CONNECTIONS = 50;
const WARM_UP_MS = 3_000;
const LIMIT_SECONDS = 120;
const MOST_P99_MS = 250;
const MOST_RSS_MIB = 512;
const PASSWORD = 'correct horse battery staple';

/** The most memory that a process has had at once, in MiB; Linux alone tells. */
function peakRssMib(pid) {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
  } catch {
    return null;
  }
}

async function register(url, username) {
  const answer = await expectJson(201, `${url}/registration`, {
    method: 'POST',
    json: { username, password: PASSWORD },
  });
  return answer.access_token;
}

/** Asks steadily until it is told to stop, which answers the milliseconds of each request, and how many were no 200. */
function askSteadily(url, token, agent) {
  const [times, open] = [[], new Set()];
  let failed = 0;
  const ask = async () => {
    const begun = performance.now();
    const { status } = await exchange(`${url}/secret`, { agent, token });
    times.push(performance.now() - begun);
    if (status !== 200) failed += 1;
  };
  const begun = performance.now();
  let due = 0;
  const timer = setInterval(() => {
    // After a pause of this process, what fell due in it is sent at once.
    for (const end = (performance.now() - begun) / PACE_MS; due < end; due++) {
      const asking = ask().finally(() => open.delete(asking));
      open.add(asking);
    }
  }, PACE_MS);
  return async () => {
    clearInterval(timer);
    await Promise.all(open);
    return { times, failed };
  };
}

/** All of them at once, each on a connection of its own; answers how long each took and what came of it. */
async function flood(url, agent) {
  const login = async (_, i) => {
    const begun = performance.now();
    const json = { username: `user-${i % USERS}`, password: PASSWORD };
    const { status, headers } = await exchange(`${url}/login`, { method: 'POST', agent, json });
    return { ms: performance.now() - begun, status, mayComeAgain: headers['retry-after'] !== undefined };
  };
  return Promise.all(Array.from({ length: LOGINS }, login));
}

/** A login is done, or refused with when to try again. */
function isInOrder({ status, mayComeAgain }) {
  return status === 200 || (status === 503 && mayComeAgain);
}

async function measure({ url, pid }, cleanup) {
  const agents = [new Agent({ keepAlive: true, maxSockets: CONNECTIONS }), new Agent({ keepAlive: true })];
  cleanup.add(() => agents.forEach((agent) => agent.destroy()));
  const [token] = await Promise.all(Array.from({ length: USERS }, (_, i) => register(url, `user-${i}`)));
  const ask = () => askSteadily(url, token, agents[0]);

  const stopWarmUp = ask();
  await sleep(WARM_UP_MS);
  const quiet = await stopWarmUp();
  const stop = ask();
  const logins = await flood(url, agents[1]);
  return { quiet, during: await stop(), logins, rssMib: peakRssMib(pid) };
}

function of(times) {
  return { requests: times.length, ...roundedEach(percentiles(times), 1), max: rounded(Math.max(...times)) };
}

function report({ quiet, during, logins, rssMib }) {
  const statuses = {};
  for (const { status } of logins) statuses[status] = (statuses[status] ?? 0) + 1;
  const result = {
    quiet: of(quiet.times),
    during: of(during.times),
    logins: { ...of(logins.map(({ ms }) => ms)), statuses },
    failed: quiet.failed + during.failed,
    peak_rss_mib: rounded(rssMib),
    ...machine(),
  };
  console.table({
    'guarded, before (ms)': result.quiet,
    'guarded, during (ms)': result.during,
    'logins (ms)': of(logins.map(({ ms }) => ms)),
  });
  console.log(`logins by status: ${JSON.stringify(statuses)} (asked: 200, and 503 with Retry-After)`);
  console.log(
    `guarded p99 ${result.during.p99} ms (asked: ${MOST_P99_MS}), peak memory ${result.peak_rss_mib ?? '?'} MiB (asked: ${MOST_RSS_MIB})`,
  );
  console.log(JSON.stringify(result));
  return (
    result.failed === 0 && logins.every(isInOrder) && result.during.p99 <= MOST_P99_MS && (rssMib ?? 0) <= MOST_RSS_MIB
  );
}

cleanUpOnSignals();
const isGood = await withCleanup(async (cleanup) => {
  const databaseUrl = await (await openServer(cleanup)).createDatabase(cleanup);
  const variables = { ...productionVariables(databaseUrl), RATE_LIMIT_ENABLED: 'false' };
  const service = await startService({ variables, cwd: temporaryFolder(cleanup), cleanup });
  return report(await inTime(LIMIT_SECONDS, measure(service, cleanup)));
});
process.exitCode = isGood ? 0 : 1;
