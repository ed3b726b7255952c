import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/config/configuration-error.js';
import { cloneDatabase, type TestDatabase } from '../support/database.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { TestFeed } from '../support/feed.js';

// Real: two databases, and the connection that listens in one of them. The pool is one connection for each statement.
let database: TestDatabase;
let other: TestDatabase;
let feed: TestFeed;

beforeEach(async () => {
  [database, other] = await Promise.all([cloneDatabase(), cloneDatabase()]);
});
afterEach(async () => {
  await feed.stop();
  await Promise.all([database.drop(), other.drop()]);
});

async function cut(): Promise<void> {
  const ended = feed.ended();
  await new DatabaseFaults(database).cutFeed();
  await ended;
}

describe('a feed that listens in another database than the one to which the revocations go', () => {
  it('does not start, and names the variable', async () => {
    feed = new TestFeed(other.url, 2_000, database.url);
    const start = feed.start();
    await expect(start).rejects.toThrow(ConfigurationError);
    await expect(start).rejects.toThrow(/DATABASE_LISTEN_URL must lead to the same database as DATABASE_URL/);
    expect(feed.feed.isInSync()).toBe(false);
  });

  it('is not in sync after it was led there by a reconnection, and is again when it is back', async () => {
    feed = await TestFeed.started(database.url);
    feed.poolUrl = other.url;
    await cut();
    for (let tries = 0; tries < 3; tries++) {
      expect(await feed.ended()).toContain('DATABASE_LISTEN_URL');
      expect(feed.feed.isInSync()).toBe(false);
    }
    feed.poolUrl = database.url;
    await feed.caughtUp();
    expect(feed.feed.isInSync()).toBe(true);
  });
});

describe('a feed whose pool does not answer', () => {
  it('is not in sync with heartbeats alone, and says what it waited for', async () => {
    feed = await TestFeed.started(database.url, 500);
    feed.poolUrl = 'postgres://nobody@127.0.0.1:1/none';
    await cut();
    expect(await feed.ended()).toBe('the pool was not heard for 1500 ms');
    expect(feed.feed.isInSync()).toBe(false);
    feed.poolUrl = database.url;
    await feed.caughtUp();
    expect(feed.feed.isInSync()).toBe(true);
  });
});
