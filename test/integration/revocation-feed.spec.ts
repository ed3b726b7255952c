import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cloneDatabase, type TestDatabase } from '../support/database.js';
import { aRevocation, TestFeed } from '../support/feed.js';

// Real: PostgreSQL and the connection that listens. The memory that is filled is the test's own.
let database: TestDatabase;
let feed: TestFeed;

beforeEach(async () => {
  database = await cloneDatabase();
});
afterEach(async () => {
  await feed.stop();
  await database.drop();
});

const listeners = () =>
  database.run<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'recant-feed'`,
  );

async function connected(count: number): Promise<Client[]> {
  const clients = Array.from({ length: count }, () => new Client({ connectionString: database.url }));
  await Promise.all(clients.map((client) => client.connect()));
  return clients;
}

describe('the feed', () => {
  it('has everything that was revoked before, forbidden keys too, when it has started', async () => {
    const old = aRevocation();
    const expired = aRevocation();
    await database.run(old.sql);
    await database.run(expired.sql.replace('now() +', 'now() -'));
    await database.run(`INSERT INTO signing_keys (kid, purpose, algorithm, encrypted_key, forbidden_at, retires_at)
      VALUES ('k1', 'access', 'ES256', '', now(), now())`);
    feed = await TestFeed.started(database.url);
    expect(feed.feed.isInSync()).toBe(true);
    expect(feed.feed.number).toBe(3);
    expect(feed.sink.get(old.target)).toMatchObject({ level: 'token', cutoff: null });
    expect(feed.sink.get('k1')).toMatchObject({ level: 'key' });
    expect(feed.sink.get(expired.target)).toBeUndefined();
  });

  it('has every page of a record that is longer than one', async () => {
    await database.run(`INSERT INTO revocations (level, target, reason, expires_at)
      SELECT 'token', gen_random_uuid(), 'logout', now() + interval '1 hour' FROM generate_series(1, 10001)`);
    feed = await TestFeed.started(database.url);
    expect(feed.sink.size).toBe(10_001);
    expect(feed.feed.number).toBe(10_001);
  });

  it('applies what others revoke in the order of the commits, whoever began first', async () => {
    feed = await TestFeed.started(database.url);
    const [early, late] = (await connected(2)) as [Client, Client];
    const [first, second] = [aRevocation(), aRevocation()];
    await early.query(`BEGIN; ${second.sql}`);
    await late.query(first.sql);
    await early.query('COMMIT');
    await feed.caughtUp();
    expect(feed.records.map(({ number, target }) => [number, target])).toEqual([
      [1, first.target],
      [2, second.target],
    ]);
    await Promise.all([early.end(), late.end()]);
  });

  it('hears nothing of what is rolled back, and misses no number', async () => {
    feed = await TestFeed.started(database.url);
    const [client] = (await connected(1)) as [Client];
    const [undone, done] = [aRevocation(), aRevocation()];
    await client.query(`BEGIN; ${undone.sql}; ROLLBACK`);
    await client.query(done.sql);
    await client.end();
    await feed.caughtUp();
    expect(feed.records.map(({ number, target }) => [number, target])).toEqual([[1, done.target]]);
    expect(feed.lost).toEqual([]);
    expect(feed.replacements).toBe(1);
  });

  it('applies 400 revocations of 8 writers at once, with the numbers 1 to 400', async () => {
    feed = await TestFeed.started(database.url);
    const writers = await connected(8);
    const targets: string[] = [];
    await Promise.all(
      writers.map(async (writer) => {
        for (let written = 0; written < 50; written++) {
          const { sql, target } = aRevocation();
          await writer.query(sql);
          targets.push(target);
        }
        await writer.end();
      }),
    );
    await feed.caughtUp();
    expect(feed.records.map(({ number }) => number)).toEqual(Array.from({ length: 400 }, (_, at) => at + 1));
    expect(targets.filter((target) => !feed.sink.get(target))).toEqual([]);
    expect(feed.lost).toEqual([]);
  });

  it('misses nothing that is committed while it reads everything', async () => {
    const [writer] = (await connected(1)) as [Client];
    feed = new TestFeed(database.url);
    const start = { isOver: false };
    const targets: string[] = [];
    const writing = (async () => {
      while (!start.isOver) {
        const { sql, target } = aRevocation();
        await writer.query(sql);
        targets.push(target);
      }
    })();
    await feed.start();
    start.isOver = true;
    await writing;
    await feed.caughtUp();
    expect(targets.filter((target) => !feed.sink.get(target))).toEqual([]);
    expect(feed.feed.number).toBe(targets.length);
    expect(feed.replacements).toBe(1);
    await writer.end();
  });

  it('is in sync between heartbeats, and says how old the proof is', async () => {
    feed = await TestFeed.started(database.url);
    expect(feed.feed.ageMs()).toBeLessThan(2_000);
    await feed.caughtUp();
    await feed.caughtUp();
    expect(feed.lost).toEqual([]);
  });

  it('is one connection, and none when it has stopped', async () => {
    feed = await TestFeed.started(database.url);
    expect(await listeners()).toHaveLength(1);
    await feed.stop();
    expect(feed.feed.isInSync()).toBe(false);
    await expect.poll(listeners).toEqual([]);
    expect(feed.lost).toEqual([]);
  });
});
