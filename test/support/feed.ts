import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { type RevocationRecord } from '@recant/revocation-set';
import { Clock } from '../../src/common/clock.js';
import { PostgresListener } from '../../src/database/postgres-listener.js';
import { type NumberedRecord } from '../../src/tokens/revocation/feed-record.js';
import { RevocationFeed } from '../../src/tokens/revocation/revocation-feed.service.js';
import { RevocationFeedRepository } from '../../src/tokens/revocation/revocation-feed.repository.js';
import { type Refill, RevocationSink } from '../../src/tokens/revocation/revocation-sink.js';
import { testEnvironment } from './environment.js';
import { runOn } from './sql.js';

/** A memory as plain as can be: the last record of each target. */
export class PlainSink extends RevocationSink {
  private records = new Map<string, RevocationRecord>();

  override apply(record: RevocationRecord): void {
    this.records.set(record.target, record);
  }

  override refill(): Refill {
    const records = new Map<string, RevocationRecord>();
    return {
      apply: (record) => void records.set(record.target, record),
      takeOver: () => void (this.records = records),
    };
  }

  get(target: string): RevocationRecord | undefined {
    return this.records.get(target);
  }

  get size(): number {
    return this.records.size;
  }
}

/** A feed as the service has it, with a plain memory, and what it said so far. */
export class TestFeed {
  readonly sink = new PlainSink();
  readonly feed: RevocationFeed;
  private readonly listener: PostgresListener;
  readonly records: NumberedRecord[] = [];
  readonly lost: string[] = [];
  replacements = 0;
  /** Where the pool leads. */
  poolUrl: string;

  constructor(url: string, stalenessMs = 2_000, poolUrl = url) {
    this.poolUrl = poolUrl;
    // As with a service of `startService`, which says nothing.
    Logger.overrideLogger(false);
    const environment = testEnvironment({ REVOCATION_STALENESS_MS: String(stalenessMs) });
    this.listener = new PostgresListener(url, environment);
    const pool = { query: (sql: string, values: unknown[]) => runOn(this.poolUrl, sql, values) } as EntityManager;
    const repository = new RevocationFeedRepository(pool);
    this.feed = new RevocationFeed(this.listener, repository, this.sink, new Clock(), environment);
    this.feed.events.on('record', (record) => this.records.push(record));
    this.feed.events.on('replaced', () => this.replacements++);
    this.feed.events.on('lost', (reason) => this.lost.push(reason));
  }

  static async started(url: string, stalenessMs?: number): Promise<TestFeed> {
    const feed = new TestFeed(url, stalenessMs);
    await feed.start();
    return feed;
  }

  start(): Promise<void> {
    return this.feed.start();
  }

  stop(): Promise<void> {
    return this.feed.onModuleDestroy();
  }

  /** Returns when a heartbeat has come back that was sent after this call: all that was committed before is here. */
  async caughtUp(): Promise<void> {
    await nextProof(this.feed);
  }

  /** Returns when the feed says next that it is not in sync, with the reason. */
  nextLost(): Promise<string> {
    return new Promise((resolve) => this.feed.events.once('lost', resolve));
  }

  /** Returns when the connection ends next, with the reason. */
  async ended(): Promise<string> {
    const reason = await new Promise<Error>((resolve) => this.listener.once('disconnected', resolve));
    return reason.message;
  }
}

/** Returns when a heartbeat has come back that was sent after this call. */
export async function nextProof({ events }: Pick<RevocationFeed, 'events'>): Promise<void> {
  const called = performance.now();
  await new Promise<void>((resolve) => {
    const look = (_number: number, sentAtMs: number): void => {
      if (sentAtMs < called) return;
      events.off('proof', look);
      resolve();
    };
    events.on('proof', look);
  });
}

/** A statement that forbids a token, for an hour, and the token. */
export function aRevocation(target: string = randomUUID()): { target: string; sql: string } {
  const sql = `INSERT INTO revocations (level, target, reason, expires_at)
    VALUES ('token', '${target}', 'logout', now() + interval '1 hour')`;
  return { target, sql };
}
