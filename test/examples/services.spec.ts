import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomBytes } from 'node:crypto';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/create-app.js';
import { testEnvironment } from '../support/environment.js';
import { type Account, Given } from '../support/given.js';
import { GivenClients } from '../support/given-clients.js';
import { ServiceProcess } from '../support/process.js';
import { startServiceAtIssuer, type TestService } from '../support/service.js';

// Real: the examples as processes of their own, the packages as they are built, HTTP, Recant and its database.
const ENCRYPTION_SECRET = randomBytes(32).toString('base64');
const examples = ['nestjs-service', 'fastify-service'] as const;
type Example = (typeof examples)[number] | `late ${(typeof examples)[number]}`;

const processes = new Map<Example, { process: ServiceProcess; url: string }>();
let recant: TestService;
let given: Given;
let restarted: NestFastifyApplication | undefined;
let variables: Record<string, string>;

beforeAll(async () => {
  recant = await startServiceAtIssuer({ ENCRYPTION_SECRET });
  given = new Given(recant);
  const client = await new GivenClients(recant).aClient('revocations:read tokens:introspect');
  variables = { ISSUER: recant.api.url, CLIENT_ID: client.id, CLIENT_SECRET: client.secret, PORT: '0' };
  for (const example of examples) await startExample(example);
});
afterAll(async () => {
  await endAll();
  await restarted?.close();
  await recant.stop();
});

async function startExample(example: Example): Promise<void> {
  const process = new ServiceProcess(variables, `examples/${example.replace('late ', '')}/dist/main.js`);
  processes.set(example, { process, url: await process.listening() });
}

function endAll(): Promise<(number | null)[]> {
  return Promise.all([...processes.values()].map(({ process }) => process.end('SIGTERM')));
}

async function ask(example: Example, path: string, token?: string): Promise<Response> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return fetch(`${processes.get(example)!.url}${path}`, { headers });
}
const statusOf = async (...request: Parameters<typeof ask>): Promise<number> => (await ask(...request)).status;

/** Until the status is there; a revocation takes milliseconds, a service that lost its Recant some seconds. */
async function becomes(status: number, ...request: Parameters<typeof ask>): Promise<void> {
  await expect.poll(() => statusOf(...request), { interval: 5, timeout: 15_000 }).toBe(status);
}

async function inSync(example: Example): Promise<void> {
  const health = async (): Promise<unknown> => (await ask(example, '/health')).json();
  await expect.poll(health, { interval: 20, timeout: 15_000 }).toMatchObject({ inSync: true });
}

describe.each(examples)('%s', (example) => {
  let user: Account;
  beforeAll(async () => {
    user = await given.aUser();
  });

  it('is in sync with Recant before long', () => inSync(example));

  it('refuses a request without a token, and one with a token that is none', async () => {
    const without = await ask(example, '/orders');
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    const wrong = await ask(example, '/orders', 'wrong');
    expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"']);
  });

  it('answers for the user of the token, and leaves to administrators what is theirs', async () => {
    const answer = await ask(example, '/orders', user.access);
    expect(await answer.json()).toEqual([{ of: user.id, what: 'a book' }]);
    expect(await statusOf(example, '/orders/all', user.access)).toBe(403);
    const { access } = await given.anAdmin();
    expect(await statusOf(example, '/orders/all', access)).toBe(200);
  });

  it('refuses what was logged out at Recant, and no other session', async () => {
    const other = await given.aLogin(user.username);
    expect(await statusOf(example, '/orders', user.access)).toBe(200);
    expect((await recant.api.post('/logout', { token: user.access })).status).toBe(200);
    await becomes(401, example, '/orders', user.access);
    expect(await statusOf(example, '/orders', other.access)).toBe(200);
  });
});

it('both refuse the tokens of a key that was forbidden, and take those of its successor', async () => {
  const [user, admin] = [await given.aUser(), await given.anAdmin()];
  for (const example of examples) expect(await statusOf(example, '/orders', user.access)).toBe(200);
  const header = Buffer.from(user.access.split('.')[0]!, 'base64url').toString();
  const { kid } = JSON.parse(header) as { kid: string };
  expect((await recant.api.post(`/keys/${kid}/forbid`, { token: admin.access })).status).toBe(200);
  for (const example of examples) await becomes(401, example, '/orders', user.access);
  const successor = await given.aUser();
  for (const example of examples) expect(await statusOf(example, '/orders', successor.access)).toBe(200);
});

it('both answer 503 while Recant is away, also when they start only then, and recover when it is back', async () => {
  const [user, other] = [await given.aUser(), await given.aUser()];
  for (const example of examples) expect(await statusOf(example, '/orders', user.access)).toBe(200);
  await recant.api.post('/logout', { token: other.access });
  for (const example of examples) await becomes(401, example, '/orders', other.access);
  const { port } = new URL(recant.api.url);
  await recant.app.close();
  for (const example of examples) await becomes(503, example, '/orders', user.access);
  // What was known last still counts.
  for (const example of examples) expect(await statusOf(example, '/orders', other.access)).toBe(401);
  const latecomers = examples.map((example) => `late ${example}` as const);
  for (const example of latecomers) {
    await startExample(example);
    expect(await statusOf(example, '/orders', user.access)).toBe(503);
    expect(await statusOf(example, '/orders')).toBe(401);
  }
  restarted = await createApp(
    testEnvironment({ ENCRYPTION_SECRET, ISSUER: recant.api.url }),
    recant.database.url,
    false,
  );
  await restarted.listen(Number(port), '127.0.0.1');
  for (const example of [...examples, ...latecomers]) {
    await becomes(200, example, '/orders', user.access);
    await inSync(example);
    expect(await statusOf(example, '/orders', other.access)).toBe(401);
  }
});

it('both end by themselves when they are asked to', async () => {
  // Nest, when it has closed, sends itself the signal again.
  expect(await endAll()).toEqual([null, 0, null, 0]);
});
