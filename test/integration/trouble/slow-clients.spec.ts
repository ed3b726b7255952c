import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorCatalog } from '../../../src/common/errors/error-catalog.js';
import { cloneDatabase, type TestDatabase } from '../../support/database.js';
import { type LoadAccounts, LoadCaller } from '../../support/load.js';
import { RunningService } from '../../support/running-service.js';

/** Milliseconds that the service gives to the header fields of a request, and to all of it; and for it to notice. */
const [HEADERS_MS, REQUEST_MS, NOTICE_MS] = [10_000, 30_000, 4_000];

const SLOW_CLIENTS = 200;

// Real: the built service in a process of its own, and HTTP down to the socket. The clients keep their side open, and go on
// to send after they were refused, as somebody would who wants to hold connections and not to be served.
let database: TestDatabase;
let service: RunningService;
let accounts: LoadAccounts;

beforeAll(async () => {
  database = await cloneDatabase();
  service = await RunningService.on(database);
  accounts = await service.accounts(1);
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

/** Sends these bytes one by one, the last one time and again, until nobody takes them; answers what came, and after how long. */
async function slowly(bytes: string, everyMs: number): Promise<{ text: string; answeredMs: number; closedMs: number }> {
  const { hostname, port } = new URL(service.url);
  const socket: Socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  await once(socket, 'connect');
  const begun = performance.now();
  let [text, answeredMs, at] = ['', NaN, 0];
  socket.on('data', (part: Buffer) => {
    text += part.toString();
    answeredMs = performance.now() - begun;
  });
  // A reset, when it sends to a connection that is closed.
  socket.on('error', () => undefined);
  const sending = setInterval(() => {
    if (bytes !== '') socket.write(bytes[Math.min(at++, bytes.length - 1)]!);
  }, everyMs);
  if (bytes === '') socket.on('end', () => socket.end());
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(sending);
  return { text, answeredMs, closedMs: performance.now() - begun };
}

function expectTimeout(text: string): void {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const { status, title, detail } = errorCatalog.request_timeout;
  expect(head).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(head).toMatch(/\r\ncontent-type: application\/problem\+json/i);
  expect(head).toMatch(/\r\nconnection: close/i);
  expect(JSON.parse(body)).toMatchObject({ type: 'urn:recant:error:request_timeout', status, title, detail });
}

const LOGIN =
  'POST /login HTTP/1.1\r\nHost: recant.test\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{';

describe('a client that sends slowly', () => {
  it('is 408 in the one shape and closed, whatever it goes on to send, while others are served as ever', async () => {
    const ofHeaders = Array.from({ length: SLOW_CLIENTS }, () => slowly('GET /secret HTTP/1.1\r\nX-Slow: aa', 200));
    const silent = slowly('', 1_000);
    // Its header fields come within their time, its body never does.
    const ofBody = Array.from({ length: SLOW_CLIENTS }, () => slowly(LOGIN, 20));
    const others = new LoadCaller(service.url, () => ({ path: '/secret', token: accounts.users[0]!.access }));
    const { username, password } = accounts.users[0]!;
    const json = { username, password };
    await sleep(HEADERS_MS / 2);
    // In the middle of it all.
    expect((await service.api.post('/login', { json })).status).toBe(200);

    for (const { text, answeredMs, closedMs } of [...(await Promise.all(ofHeaders)), await silent]) {
      expectTimeout(text);
      expect(answeredMs).toBeGreaterThan(HEADERS_MS - 1_000);
      expect(closedMs).toBeLessThan(HEADERS_MS + NOTICE_MS);
    }
    for (const { text, answeredMs, closedMs } of await Promise.all(ofBody)) {
      expectTimeout(text);
      expect(answeredMs).toBeGreaterThan(REQUEST_MS - 1_000);
      expect(closedMs).toBeLessThan(REQUEST_MS + NOTICE_MS);
    }
    await others.stop();
    expect(new Set(others.outcomes.map(({ status }) => status))).toEqual(new Set([200]));
    expect(others.outcomes.filter(({ startedAt, endedAt }) => endedAt - startedAt > 3_000)).toEqual([]);
  }, 60_000);
});
