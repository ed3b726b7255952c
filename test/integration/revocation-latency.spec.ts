import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../support/api-client.js';
import { type Call, Caller } from '../support/caller.js';
import { cloneDatabase, type TestDatabase } from '../support/database.js';
import { testVariables } from '../support/environment.js';
import { aPassword, aUsername } from '../support/given.js';
import { ServiceProcess } from '../support/process.js';

const STALENESS_MS = 500;
const REVOCATIONS = 36;
/** Requests under way at each instance all the while, beside those with the token that is just being revoked. */
const CALLERS = 2;

interface Revocation {
  token: string;
  /** The instance that answered 200, and when that answer was here. */
  by: string;
  at: number;
}

// Real: three processes of the built service on one PostgreSQL, and load on each of them.
let database: TestDatabase;
let processes: ServiceProcess[];
let instances: ApiClient[];

beforeAll(async () => {
  database = await cloneDatabase();
  const variables = testVariables({
    DATABASE_URL: database.url,
    LOG_LEVEL: 'info',
    REVOCATION_STALENESS_MS: String(STALENESS_MS),
  });
  processes = Array.from({ length: 3 }, () => new ServiceProcess(variables));
  const urls = await Promise.all(processes.map((process) => process.listening()));
  instances = await Promise.all(urls.map((url) => ApiClient.for(url)));
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process.end()));
  await database.drop();
});

/** Access tokens of one session, made by each instance in turn. */
async function tokens(count: number): Promise<string[]> {
  const json = { username: aUsername(), password: aPassword };
  let { access_token, refresh_token } = (await instances[0]!.post('/registration', { json })).body;
  const made = [access_token as string];
  while (made.length < count) {
    const api = instances[made.length % instances.length]!;
    ({ access_token, refresh_token } = (await api.post('/token/refresh', { token: refresh_token })).body);
    made.push(access_token);
  }
  return made;
}

/** Revokes it at one instance, and returns what the others made of it meanwhile, until they refuse it. */
async function revokeAt(api: ApiClient, token: string): Promise<{ revocation: Revocation; callers: Caller[] }> {
  const others = instances.filter((other) => other !== api);
  const callers = others.map(({ url }) => new Caller(url, () => token));
  await Promise.all(callers.map((caller) => caller.next(200)));
  const refused = callers.map((caller) => caller.next(401));
  expect((await api.post('/logout/access', { token })).status).toBe(200);
  const revocation = { token, by: api.url, at: performance.now() };
  expect((await api.get('/secret', { token })).status).toBe(401);
  await Promise.race([Promise.all(refused), sleep(2 * STALENESS_MS)]);
  await Promise.all(callers.map((caller) => caller.stop()));
  return { revocation, callers };
}

/** Requests that passed although they were begun when nothing may have passed any more. */
function trespasses({ token, by, at }: Revocation, callers: Caller[]): Call[] {
  return callers.flatMap(({ url, calls }) => {
    const limit = url === by ? at : at + STALENESS_MS;
    return calls.filter((call) => call.token === token && call.status === 200 && call.startedAt > limit);
  });
}

/** One line for who reads the output; the milliseconds are this machine's, and no test. */
function report(delays: number[], load: Caller[]): void {
  const sorted = delays.toSorted((a, b) => a - b);
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => sorted[Math.ceil(sorted.length * share) - 1]!.toFixed(1));
  const others = load.flatMap(({ calls }) => calls).length;
  console.log(
    `From the 200 of a logout to the first 401 of another instance, among ${others} other requests, ${sorted.length} times: p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`,
  );
}

describe('three instances under load', () => {
  it('What was revoked is refused by every instance: at once by the one that answered, by the others within the staleness.', async () => {
    const [living, ...doomed] = (await tokens(REVOCATIONS + 1)) as [string, ...string[]];
    const revocations: Revocation[] = [];
    const callers: Caller[] = [];
    const delays: number[] = [];
    let turn = 0;
    // In turn with a token that lives, and with one that was revoked before.
    const nextToken = (): string =>
      turn++ % 2 && revocations.length > 0 ? revocations[randomInt(revocations.length)]!.token : living;
    const load = instances.flatMap(({ url }) => Array.from({ length: CALLERS }, () => new Caller(url, nextToken)));

    for (const [place, token] of doomed.entries()) {
      const probed = await revokeAt(instances[place % instances.length]!, token);
      revocations.push(probed.revocation);
      callers.push(...probed.callers);
      for (const { calls } of probed.callers) delays.push(calls.at(-1)!.answeredAt - probed.revocation.at);
    }
    // Nothing is awaited but the time itself: from here on nobody may take any of them.
    await sleep(STALENESS_MS);
    const afterwards = await Promise.all(
      instances.flatMap((api) => doomed.map((token) => api.get('/secret', { token }))),
    );
    await Promise.all(load.map((caller) => caller.stop()));

    expect(revocations.flatMap((revocation) => trespasses(revocation, [...load, ...callers]))).toEqual([]);
    expect(new Set(afterwards.map(({ status }) => status))).toEqual(new Set([401]));
    const ofLiving = load.flatMap(({ calls }) => calls.filter(({ token }) => token === living));
    expect(new Set(ofLiving.map(({ status }) => status))).toEqual(new Set([200]));
    report(delays, load);
  });
});
