import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseFaults } from '../support/database-faults.js';
import { cloneDatabase, type TestDatabase } from '../support/database.js';
import { aRevocation, TestFeed } from '../support/feed.js';
import { TcpProxy } from '../support/tcp-proxy.js';

// Real: PostgreSQL, the connection that listens, and a proxy between them that freezes or delays. The memory that is
// filled is the test's own.
let database: TestDatabase;
let proxy: TcpProxy;
let url: string;
let feed: TestFeed;

beforeEach(async () => {
  database = await cloneDatabase();
  ({ proxy, url } = await TcpProxy.to(database.url));
});
afterEach(async () => {
  await feed.stop();
  await proxy.close();
  await database.drop();
});

const KILL = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'recant-feed'`;

describe('a feed whose connection is killed', () => {
  it('is out of sync at once, and then has what was committed meanwhile', async () => {
    feed = await TestFeed.started(url);
    const lost = feed.nextLost();
    const { sql, target } = aRevocation();
    const killed = performance.now();
    await database.run(KILL);
    expect(await lost).toContain('terminating connection');
    expect(performance.now() - killed).toBeLessThan(1_000);
    expect(feed.feed.isInSync()).toBe(false);
    await database.run(sql);
    await feed.caughtUp();
    expect(feed.replacements).toBe(2);
    expect(feed.sink.get(target)).toBeDefined();
    expect(feed.feed.isInSync()).toBe(true);
  });

  it('lets go of what is no longer there', async () => {
    const { sql, target } = aRevocation();
    await database.run(sql);
    feed = await TestFeed.started(url);
    await database.run('DELETE FROM revocations');
    await database.run(KILL);
    await feed.caughtUp();
    expect(feed.sink.get(target)).toBeUndefined();
  });

  it('comes back when the database does, however often it tried', async () => {
    feed = await TestFeed.started(url);
    const faults = new DatabaseFaults(database);
    const lost = feed.nextLost();
    await faults.goAway();
    await lost;
    await faults.comeBack();
    await feed.caughtUp();
    expect(feed.feed.isInSync()).toBe(true);
  });
});

describe('a feed on a link that has frozen', () => {
  it('is out of sync after the staleness, and in sync again with everything after the thaw', async () => {
    feed = await TestFeed.started(url, 1_000);
    await feed.caughtUp();
    const lost = feed.nextLost();
    proxy.freeze();
    const { sql, target } = aRevocation();
    await database.run(sql);
    expect(await lost).toBe('no proof for 1000 ms');
    expect(feed.feed.isInSync()).toBe(false);
    expect(feed.feed.ageMs()).toBeGreaterThan(1_000);
    expect(feed.sink.get(target)).toBeUndefined();
    proxy.thaw();
    await feed.caughtUp();
    expect(feed.sink.get(target)).toBeDefined();
  });

  it('gives the connection up, and has another one when there is one to be had', async () => {
    feed = await TestFeed.started(url, 500);
    const ended = feed.ended();
    proxy.freeze();
    expect(await ended).toBe('no heartbeat came back for 1500 ms');
    proxy.thaw();
    await feed.caughtUp();
    expect(feed.replacements).toBe(2);
  });

  it('stops all the same, within a second or two', async () => {
    feed = await TestFeed.started(url);
    proxy.freeze();
    const begun = performance.now();
    await feed.stop();
    expect(performance.now() - begun).toBeLessThan(2_000);
    proxy.thaw();
  });

  it('does not start, and says so', async () => {
    proxy.freeze();
    feed = new TestFeed(url);
    await expect(feed.start()).rejects.toThrow('timeout expired');
    proxy.thaw();
  });
});

describe('a feed on a link that is three seconds late', () => {
  it('is never in sync, although a heartbeat comes back time and again', async () => {
    feed = await TestFeed.started(url);
    const lost = feed.nextLost();
    proxy.delayAnswers(3_000);
    await lost;
    let proofs = 0;
    feed.feed.events.on('proof', () => proofs++);
    const lastSent = () => performance.now() - feed.feed.ageMs();
    for (let returned = 0; returned < 2; returned++) {
      const before = lastSent();
      await expect.poll(lastSent, { timeout: 10_000 }).toBeGreaterThan(before + 100);
      expect(feed.feed.ageMs()).toBeGreaterThanOrEqual(2_900);
      expect(feed.feed.isInSync()).toBe(false);
    }
    expect(proofs).toBe(0);
    proxy.delayAnswers(0);
    await feed.caughtUp();
  });
});

describe('a notification that is lost', () => {
  const unheard = (sql: string): string =>
    `BEGIN; SET LOCAL session_replication_role = replica; ${sql};
     UPDATE revocation_counter SET number = number + 1; COMMIT`;

  it('is found out by the next heartbeat, and everything is read anew', async () => {
    feed = await TestFeed.started(url);
    const { sql, target } = aRevocation();
    await database.run(unheard(sql));
    await feed.caughtUp();
    expect(feed.lost).toEqual(['revocation 1 has not come after 0']);
    expect(feed.sink.get(target)).toBeDefined();
    expect(feed.feed.number).toBe(1);
  });

  it('is found out by the revocation after it', async () => {
    feed = await TestFeed.started(url);
    const [missed, next] = [aRevocation(), aRevocation()];
    await database.run(`${unheard(missed.sql)}; ${next.sql}`);
    await feed.caughtUp();
    expect(feed.lost).toEqual(['revocation 2 came after 0']);
    for (const { target } of [missed, next]) expect(feed.sink.get(target)).toBeDefined();
  });

  it('may have been what is not understood, so everything is read anew', async () => {
    feed = await TestFeed.started(url);
    await database.run(`SELECT pg_notify('recant_revocations', 'hello')`);
    await feed.caughtUp();
    expect(feed.lost).toEqual([expect.stringContaining('a message could not be applied')]);
    expect(feed.replacements).toBe(2);
  });
});
