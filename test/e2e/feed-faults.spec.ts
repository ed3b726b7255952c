import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { FollowerHub } from '../../src/auth/followers/follower-hub.service.js';
import { createApp } from '../../src/create-app.js';
import { RevocationFeed } from '../../src/tokens/revocation/revocation-feed.service.js';
import { ApiClient } from '../support/api-client.js';
import { cloneDatabase } from '../support/database.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { testEnvironment } from '../support/environment.js';
import { aRevocation, nextProof } from '../support/feed.js';
import { FollowedStream } from '../support/followed-stream.js';
import { basic, type ClientAccount, GivenClients } from '../support/given-clients.js';
import { expectProblem } from '../support/problem.js';
import { CollectingLogger } from '../support/secrets.js';
import { startServiceOn, type TestService } from '../support/service.js';
import { TcpProxy } from '../support/tcp-proxy.js';

// Real: HTTP, PostgreSQL, its notifications, behind a proxy that can keep them back. Two applications in one process stand
// for two instances: they share nothing but the database.
const MAX_FOLLOWERS = 3;
/** Some 7 MB of events: more than the system takes from us for a connection that nobody reads. */
const BACKLOG = 60_000;

let service: TestService;
let proxy: TcpProxy;
let faults: DatabaseFaults;
let feed: RevocationFeed;
let client: ClientAccount;
const encryptionSecret = randomBytes(32).toString('base64');
const open: { close(): unknown }[] = [];

beforeAll(async () => {
  const database = await cloneDatabase();
  await database.run(`BEGIN; SET LOCAL session_replication_role = replica;
    INSERT INTO revocations (number, level, target, reason, expires_at)
      SELECT number, 'token', gen_random_uuid(), 'logout', now() + interval '1 hour'
      FROM generate_series(1, ${BACKLOG}) AS number;
    UPDATE revocation_counter SET number = ${BACKLOG}; COMMIT`);
  const { proxy: between, url } = await TcpProxy.to(database.url);
  proxy = between;
  service = await startServiceOn(database, {
    DATABASE_URL: database.url,
    DATABASE_LISTEN_URL: url,
    ENCRYPTION_SECRET: encryptionSecret,
    // A heartbeat every 375 ms, and 4.5 s of patience with who does not read.
    REVOCATION_STALENESS_MS: '1500',
    FEED_MAX_FOLLOWERS: String(MAX_FOLLOWERS),
  });
  faults = new DatabaseFaults(database);
  feed = service.app.get(RevocationFeed);
  client = await new GivenClients(service).aClient('revocations:read');
});
afterAll(async () => {
  await service.stop();
  await proxy.close();
});
afterEach(async () => {
  proxy.thaw();
  await Promise.all(open.splice(0).map((stream) => stream.close()));
  await faults.heal('revocation_counter');
  if (!feed.isInSync()) await nextProof(feed);
  await becomeFollowers(0);
});

async function follow(after = feed.number, api = service.api): Promise<FollowedStream> {
  const stream = await FollowedStream.open(api, { headers: basic(client) }, after);
  open.push(stream);
  return stream;
}
const refusal = () => service.api.get('/revocations/stream', { headers: basic(client) });

const hubOf = (app: NestFastifyApplication) => app.get(FollowerHub).all;

/** Returns when the instance counts so many followers. */
const becomeFollowers = (many: number): Promise<void> =>
  vi.waitFor(
    () => {
      if (hubOf(service.app).size !== many) throw new Error(`${hubOf(service.app).size} followers, not ${many}`);
    },
    { interval: 20, timeout: 30_000 },
  );

/** Returns when nobody is told anything for a while, since the system takes no more from us. */
async function becomesStill(app: NestFastifyApplication): Promise<void> {
  const numbers = () => [...hubOf(app)].map(({ number }) => number).join();
  let before: string;
  await expect.poll(() => before === (before = numbers()), { interval: 300, timeout: 20_000 }).toBe(true);
}

/** Asks for a stream, and reads its head and nothing more. */
async function followWithoutReading(after: number, api = service.api): Promise<Socket> {
  const { hostname, port } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  open.push({ close: () => socket.destroy() });
  const { authorization } = basic(client);
  socket.write(`GET /revocations/stream HTTP/1.1\r\nHost: recant.test\r\nAuthorization: ${authorization}\r\n`);
  socket.write(`Last-Event-ID: ${after}\r\n\r\n`);
  await once(socket, 'readable');
  return socket;
}

async function revoke(): Promise<string> {
  const { sql, target } = aRevocation();
  await service.database.run(sql);
  return target;
}

describe('followers of an instance', () => {
  it('are so many, and no more', async () => {
    const streams = [];
    for (let i = 0; i < MAX_FOLLOWERS; i++) streams.push(await follow());
    const refused = await refusal();
    expectProblem(refused, 'too_many_followers');
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    const { body } = await service.api.get('/metrics');
    expect(body).toContain(`\nrecant_feed_followers ${MAX_FOLLOWERS}\n`);
    await streams[0]!.close();
    await becomeFollowers(MAX_FOLLOWERS - 1);
    await (await follow()).proofOf(0);
  });

  it('are waited for when they read slowly, with little in memory meanwhile', async () => {
    const slow = await followWithoutReading(0);
    const [follower] = hubOf(service.app);
    await becomesStill(service.app);
    expect(follower!.number).toBeLessThan(BACKLOG);
    // Two pages of its backlog, of 57,000 bytes each, and not the megabytes of all of it.
    expect(follower!['stream'].unsentBytes).toBeLessThan(200_000);
    let text = '';
    for await (const bytes of slow.setEncoding('latin1')) {
      text = (text + bytes).slice(-1_000);
      if (text.includes('event: proof')) break;
    }
    expect(text).toContain(`id: ${feed.number}\nevent: proof`);
  });

  it('are cut off when they do not read, and hold up nobody who does', async () => {
    const idle = await followWithoutReading(0);
    const reader = await follow(feed.number - 5_000);
    await reader.until(({ event }) => event === 'proof');
    expect(reader.records).toHaveLength(5_000);
    // Nothing tells the socket that it was cut off before it reads; the instance does not count it any more.
    await becomeFollowers(1);
    expect(idle.destroyed).toBe(false);
    await reader.proofOf(0);
  });
});

describe('an instance that hears nothing', () => {
  it('forwards no proof, ends every stream, and lets nobody in until it hears again', async () => {
    const stream = await follow();
    await stream.proofOf(0);
    proxy.freeze();
    const frozen = performance.now();
    const target = await revoke();
    await stream.ended;
    for (const { data } of stream.proofs) expect(data.time_ms).toBeLessThan(frozen);
    expect(stream.records).toEqual([]);
    const refused = await refusal();
    expectProblem(refused, 'feed_not_in_sync');
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    proxy.thaw();
    await nextProof(feed);
    const again = await follow(stream.proofs.at(-1)!.id);
    await again.until(({ data }) => data.id === target);
  });

  it('tells one who has read further nothing twice, and gives it the next proof all the same', async () => {
    const before = feed.number;
    proxy.freeze();
    const target = await revoke();
    const stream = await follow(before);
    const { id } = await stream.until(({ event }) => event === 'proof');
    expect([feed.number, id]).toEqual([before, before + 1]);
    const next = stream.proofOf(before + 1);
    proxy.thaw();
    await next;
    const live = await revoke();
    await stream.until(({ data }) => data.id === live);
    expect(stream.records.map(({ data }) => data.id)).toEqual([target, live]);
  });
});

describe('an instance whose connection is lost', () => {
  it('ends every stream at once, and keeps no connection open that nobody reads', async () => {
    await followWithoutReading(0);
    const [idle] = hubOf(service.app);
    await becomesStill(service.app);
    const streams = [await follow(), await follow()];
    // So that it does not come back before we look.
    await faults.takeAway('revocation_counter');
    await faults.cutFeed();
    await Promise.all(streams.map(({ ended }) => ended));
    expectProblem(await refusal(), 'feed_not_in_sync');
    await expect.poll(() => idle!['stream']['raw'].destroyed, { timeout: 5_000 }).toBe(true);
  });
});

describe('another instance', () => {
  let other: NestFastifyApplication;
  let api: ApiClient;

  beforeAll(async () => {
    other = await createApp(
      testEnvironment({ ENCRYPTION_SECRET: encryptionSecret }),
      service.database.url,
      new CollectingLogger(),
    );
    await other.listen(0, '127.0.0.1');
    api = await ApiClient.for(await other.getUrl());
  });
  afterAll(() => other.close());

  it('goes on where a stream of this one stopped', async () => {
    const here = await follow();
    const seen = await revoke();
    const { id } = await here.until(({ data }) => data.id === seen);
    await here.close();
    const missed = await revoke();
    const there = await follow(id, api);
    await there.until(({ event }) => event === 'proof');
    const live = await revoke();
    await there.until(({ data }) => data.id === live);
    expect(there.records.map((record) => [record.id, record.data.id])).toEqual([
      [id! + 1, missed],
      [id! + 2, live],
    ]);
  });

  it('ends every stream as it stops, and waits for nobody who does not read', async () => {
    const [stream, idle] = [await follow(feed.number, api), await followWithoutReading(0, api)];
    // Until the system takes no more from us: what it has taken holds up nobody.
    await becomesStill(other);
    const begun = performance.now();
    await other.close();
    // After eight seconds everybody would be cut off.
    expect(performance.now() - begun).toBeLessThan(5_000);
    await stream.ended;
    expect(idle.destroyed).toBe(false);
  });
});
