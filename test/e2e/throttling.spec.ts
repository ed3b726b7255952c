import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aPassword, aUsername, Given } from '../support/given.js';
import { type Answer } from '../support/api-client.js';
import { expectProblem, fieldsToCompare } from '../support/problem.js';
import { startService, startServiceOn, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL, argon2, two instances. The addresses are what a trusted proxy says.
const limits = {
  ENCRYPTION_SECRET: randomBytes(32).toString('base64'),
  RATE_LIMIT_ENABLED: 'true',
  TRUST_PROXY: '127.0.0.1',
  RATE_LIMIT_NAME_FAILURES: '3',
  RATE_LIMIT_ADDRESS_FAILURES: '6',
  RATE_LIMIT_ADDRESS_REGISTRATIONS: '2',
};
let service: TestService;
let other: TestService;
let given: Given;
let hosts = 0;

beforeAll(async () => {
  service = await startService(limits);
  other = await startServiceOn(service.database, limits);
  given = new Given(service);
});
afterAll(async () => {
  await other.app.close();
  await service.stop();
});
afterEach(() => service.database.run('TRUNCATE rate_limits'));

const anAddress = (): string => `192.0.2.${++hosts}`;

function login(username: string, password: string, from: string, instance = service): Promise<Answer> {
  const headers = { 'x-forwarded-for': from };
  return instance.api.post('/login', { json: { username, password }, headers });
}

function register(from: string): Promise<Answer> {
  const json = { username: aUsername(), password: aPassword };
  return service.api.post('/registration', { json, headers: { 'x-forwarded-for': from } });
}

async function fail(times: number, username: string, from: () => string): Promise<void> {
  for (let n = 0; n < times; n++) expectProblem(await login(username, 'not that one', from()), 'invalid_credentials');
}

/** As if so many seconds had gone by for everything that is counted. */
async function pass(seconds: number): Promise<void> {
  await service.database.run('UPDATE rate_limits SET expire = expire - $1 * 1000', [seconds]);
}

function expectWait(answer: Answer, limit: string, seconds: number): void {
  expectProblem(answer, 'too_many_requests');
  const wait = Number(answer.headers.get('retry-after'));
  expect(wait).toBeLessThanOrEqual(seconds);
  expect(wait).toBeGreaterThan(seconds - 30);
  expect(answer.headers.get('ratelimit')).toBe(`"${limit}";r=0;t=${wait}`);
  expect(answer.headers.get('ratelimit-policy')).toMatch(new RegExp(`^"${limit}";q=\\d+;w=600$`));
}

describe('wrong passwords for a name', () => {
  it('are refused after the third, from wherever, also with the right one, and by every instance', async () => {
    const { username } = await given.aUser();
    await fail(3, username, anAddress);
    expectWait(await login(username.toUpperCase(), 'not that one', anAddress()), 'failures-of-name', 60);
    expectWait(await login(username, aPassword, anAddress(), other), 'failures-of-name', 60);
  });

  it('are counted alike when nobody has the name, with the same answer', async () => {
    const { username } = await given.aUser();
    const unknown = aUsername();
    for (const name of [username, unknown]) await fail(3, name, anAddress);
    const [known, stranger] = [await login(username, 'x', anAddress()), await login(unknown, 'x', anAddress())];
    expectWait(known, 'failures-of-name', 60);
    expect(stranger.body).toEqual(known.body);
    expect(fieldsToCompare(stranger.headers)).toEqual(fieldsToCompare(known.headers));
  });

  it('get no more tries when they come at once', async () => {
    const { username } = await given.aUser();
    const answers = await Promise.all(Array.from({ length: 30 }, () => login(username, 'not that one', anAddress())));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(3);
    for (const answer of answers.filter(({ status }) => status !== 401)) expectWait(answer, 'failures-of-name', 60);
  });

  it('wait twice as long each time, up to the longest wait, and never for good', async () => {
    const { username } = await given.aUser();
    for (const seconds of [60, 120, 240, 480, 900, 900]) {
      await fail(3, username, anAddress);
      expectWait(await login(username, aPassword, anAddress()), 'failures-of-name', seconds);
      await pass(seconds);
    }
    expect((await login(username, aPassword, anAddress())).status).toBe(200);
  });

  it('of others do not lock out who logged in from an address before, and who then has tries of its own', async () => {
    const { username } = await given.aUser();
    const home = anAddress();
    expect((await login(username, aPassword, home)).status).toBe(200);
    await fail(3, username, anAddress);
    expectWait(await login(username, aPassword, anAddress()), 'failures-of-name', 60);
    expect((await login(username, aPassword, home)).status).toBe(200);
    await fail(3, username, () => home);
    expectWait(await login(username, aPassword, home), 'failures-of-name-at-address', 60);
  });

  it('do not count when they were right', async () => {
    const { username } = await given.aUser();
    for (let n = 0; n < 8; n++) expect((await login(username, aPassword, anAddress())).status).toBe(200);
  });

  it('count as well where the current one is asked for, before a new one is set', async () => {
    const { username, access: token } = await given.aUser();
    const change = (current_password: string) =>
      service.api.patch('/users/me/password', { token, json: { current_password, new_password: 'a better staple' } });
    for (let n = 0; n < 3; n++) expectProblem(await change('not that one'), 'wrong_password');
    expectWait(await change(aPassword), 'failures-of-name', 60);
    expectWait(await login(username, aPassword, anAddress()), 'failures-of-name', 60);
  });
});

describe('wrong passwords from an address', () => {
  it.each([
    ['an IPv4 address, also spelt as IPv6', (n: number) => (n % 2 ? '203.0.113.1' : '::ffff:203.0.113.1')],
    ['an IPv6 network of /64', (n: number) => `2001:db8:0:1::${n}`],
  ])('are refused after the sixth, whatever the names: %s', async (_, addressOf) => {
    for (let n = 0; n < 6; n++) await fail(1, aUsername(), () => addressOf(n));
    const { username } = await given.aUser();
    expectWait(await login(username, aPassword, addressOf(7)), 'failures-at-address', 60);
    expect((await login(username, aPassword, anAddress())).status).toBe(200);
  });
});

describe('registrations', () => {
  it('from an address are refused after the second, and those elsewhere are not', async () => {
    const here = anAddress();
    for (let n = 0; n < 2; n++) expect((await register(here)).status).toBe(201);
    expectWait(await register(here), 'registrations-at-address', 60);
    expect((await register(anAddress())).status).toBe(201);
  });
});

describe('the address of a request', () => {
  it('is not what its client says, unless it comes through a trusted proxy', async () => {
    const direct = await startServiceOn(service.database, { ...limits, TRUST_PROXY: '' });
    const { username } = await given.aUser();
    for (let n = 0; n < 3; n++) await login(username, aPassword, anAddress(), direct);
    const rows = await service.database.run(`SELECT ip, count(*)::int AS logins FROM sessions
      WHERE user_id = (SELECT id FROM users WHERE username = '${username}') AND ip IS NOT NULL GROUP BY ip`);
    expect(rows).toEqual([{ ip: '127.0.0.1', logins: 4 }]);
    await direct.app.close();
  });

  it('is the last one that no trusted proxy has added', async () => {
    const { username } = await given.aUser();
    await login(username, aPassword, '198.51.100.1, 198.51.100.2');
    const rows = await service.database.run(`SELECT 1 FROM sessions WHERE ip = '198.51.100.2'`);
    expect(rows).toHaveLength(1);
  });
});

describe('what is kept of it', () => {
  it('has no name, no address and no password in it, and goes when its time is over', async () => {
    const typed = 'my-password-in-the-wrong-field';
    await fail(2, typed, () => '198.51.100.77');
    const rows = JSON.stringify(await service.database.run('SELECT * FROM rate_limits'));
    for (const secret of [typed, '198.51.100.77']) expect(rows).not.toContain(secret);
  });
});
