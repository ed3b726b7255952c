import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { cloneDatabase, type TestDatabase } from '../../support/database.js';
import { testVariables } from '../../support/environment.js';
import { FollowedStream } from '../../support/followed-stream.js';
import { basic } from '../../support/given-clients.js';
import { ask, Load, type LoadAccounts, summaryOf } from '../../support/load.js';
import { HeldLock } from '../../support/locks.js';
import { RunningService } from '../../support/running-service.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

/** Milliseconds from the signal to the end of the process, whoever is connected. */
const STOP_MS = 10_000;

// Real: the built service in processes of its own, PostgreSQL, HTTP down to the socket. What counts as not lost: on a
// connection that the service has taken, every request gets the whole of its answer; the last one says `Connection: close`,
// and no request is sent on that connection after it. A connection of which no byte of a request has come, or only a part of
// one, is closed.
let database: TestDatabase;
let service: RunningService;
let accounts: LoadAccounts;
const { ENCRYPTION_SECRET = '' } = testVariables();

beforeAll(async () => {
  database = await cloneDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  service = await RunningService.on(database, { ENCRYPTION_SECRET });
  accounts = await service.accounts(4);
});

/** A connection that has sent this, and what has come back on it. */
class Slow {
  text = '';
  readonly closed: Promise<unknown>;

  private constructor(readonly socket: Socket) {
    socket.on('data', (bytes: Buffer) => (this.text += bytes.toString()));
    // A reset is an end too, where there was nothing to answer.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', resolve));
  }

  static async on(url: string, bytes: string): Promise<Slow> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const slow = new Slow(socket);
    socket.write(bytes);
    return slow;
  }
}

async function stopped(): Promise<number> {
  const begun = performance.now();
  expect(await service.process.end()).toBe(0);
  return performance.now() - begun;
}

describe('a stop under load', () => {
  it('answers every request, each connection until its last answer, and ends with 0 in time', async () => {
    const load = new Load(service.url, accounts, { endsWithConnection: true });
    await load.allAreServed();
    expect(await stopped()).toBeLessThan(STOP_MS);
    await Promise.all(load.callers.map(({ ended }) => ended));
    const names = ['POST /login', 'POST /token/refresh', 'GET /secret', 'POST /oauth/introspect'];
    expect(Object.keys(summaryOf(load.outcomes)).toSorted()).toEqual(names.map((name) => `${name} → 200`).toSorted());
    for (const { outcomes } of load.callers)
      expect(outcomes.map(({ isLast }) => isLast).indexOf(true)).toBe(outcomes.length - 1);
    const open = await RunningService.connections(database);
    expect(open).toEqual([]);
  });

  it('ends the streams of followers, open connections and half-sent requests beside it, in time', async () => {
    const stream = await FollowedStream.open(service.api, { headers: basic(accounts.client) });
    const [field, half] = ['Host: recant.test\r\n', 'POST /login HTTP/1.1\r\n'];
    const slow = await Promise.all([
      Slow.on(service.url, ''),
      Slow.on(service.url, half),
      Slow.on(service.url, `${half}${field}Content-Type: application/json\r\nContent-Length: 60\r\n\r\n{"username":`),
    ]);
    const keptOpen = await Slow.on(service.url, `GET /health/live HTTP/1.1\r\n${field}\r\n`);
    await once(keptOpen.socket, 'data');
    const load = new Load(service.url, accounts, { endsWithConnection: true });
    await load.allAreServed();
    expect(await stopped()).toBeLessThan(STOP_MS / 2);
    await Promise.all([stream.ended, keptOpen.closed, ...slow.map(({ closed }) => closed)]);
    await Promise.all(load.callers.map(({ ended }) => ended));
    expect(load.outcomes.filter(({ status }) => status !== 200)).toEqual([]);
    // One answer to the one request; none to those that never came.
    expect(keptOpen.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
    expect(slow.map(({ text }) => text)).toEqual(['', '', '']);
  });

  it('answers all of 500 who want to log in, with 503 those who would wait for too long', async () => {
    const [{ username, password }] = accounts.users as [LoadAccounts['users'][0]];
    const agents = Array.from({ length: 500 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    // Every connection has been taken.
    await Promise.all(agents.map((agent) => ask(service.url, agent, { path: '/health/live' })));
    const json = { username, password };
    const logins = agents.map((agent) => ask(service.url, agent, { method: 'POST', path: '/login', json }));
    await Promise.race(logins);
    expect(await stopped()).toBeLessThan(STOP_MS);
    const outcomes = (await Promise.all(logins)).map(({ outcome }) => outcome);
    expect(outcomes.filter(({ status, retryAfter }) => status !== 200 && !(status === 503 && retryAfter))).toEqual([]);
  });

  it('takes the rest of a request that comes a moment later, and answers it', async () => {
    const request = `GET /secret HTTP/1.1\r\nHost: recant.test\r\nAuthorization: Bearer ${accounts.users[0]!.access}\r\n\r\n`;
    const slow = await Slow.on(service.url, request.slice(0, 40));
    // It has been read when the service answers who came after it.
    expect((await service.api.get('/health/live')).status).toBe(200);
    const ended = service.process.end();
    await expect.poll(() => service.process.output).toContain('Stopping on SIGTERM.');
    slow.socket.write(request.slice(40));
    await slow.closed;
    expect(slow.text).toMatch(/^HTTP\/1\.1 200 [^]*\r\nconnection: close\r\n/i);
    expect(slow.text).toContain('super secret');
    expect(await ended).toBe(0);
  });

  it('answers also who waits for a lock', async () => {
    const [{ access }] = accounts.users as [LoadAccounts['users'][0]];
    const lock = await HeldLock.on(database, 'LOCK TABLE revocations IN ACCESS EXCLUSIVE MODE');
    const logout = service.api.post('/logout', { token: access });
    await lock.stops(logout);
    const ended = service.process.end();
    await expect.poll(() => service.process.output).toContain('Stopping on SIGTERM.');
    await lock.release();
    expect((await logout).status).toBe(200);
    expect(await ended).toBe(0);
  });
});

describe('a stop while the database has frozen', () => {
  it('answers what has come with 503, and ends with 0 in time', async () => {
    await service.stop();
    const { proxy, url } = await TcpProxy.to(database.url);
    service = await RunningService.on({ url }, { ENCRYPTION_SECRET });
    accounts = await service.accounts(2);
    proxy.freeze();
    const { api } = service;
    const logouts = accounts.users.map(({ refresh }) => api.post('/logout', { token: refresh }));
    const begun = performance.now();
    expect(await service.process.end()).toBe(0);
    expect(performance.now() - begun).toBeLessThan(STOP_MS);
    for (const { status } of await Promise.all(logouts)) expect(status).toBe(503);
    await proxy.close();
  });
});
