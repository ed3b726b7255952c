import { Client } from 'pg';
import { type TestDatabase } from './database.js';

/** How long a request may take to come to its lock; the service gives up a lock that it waited for for 2 s. */
const DEADLINE_MS = 10_000;

// Asked every few milliseconds, so as not to take the time of those who are waited for.
const WAITING = `
  SELECT count(*)::int AS count FROM pg_sleep(0.003), pg_stat_activity
  WHERE datname = current_database() AND backend_type = 'client backend' AND wait_event_type = 'Lock'`;

/**
 * A transaction of the test's own that holds a lock, so that requests stop at a known place: not luck but the test says
 * which of them has come how far.
 */
export class HeldLock {
  private constructor(
    private readonly holder: Client,
    private readonly watcher: Client,
  ) {}

  /** Does the first half of a transaction: whatever it locks stays locked until the release. */
  static async on({ url }: TestDatabase, sql: string, values: unknown[] = []): Promise<HeldLock> {
    const [holder, watcher] = [new Client({ connectionString: url }), new Client({ connectionString: url })];
    await Promise.all([holder.connect(), watcher.connect()]);
    await holder.query('BEGIN');
    await holder.query(sql, values);
    return new HeldLock(holder, watcher);
  }

  /** Stops whoever records this revocation, with every lock that it has taken until then. */
  static onRecord(database: TestDatabase, level: string, target: string): Promise<HeldLock> {
    const isCutoff = level === 'user' || level === 'all';
    return HeldLock.on(
      database,
      `INSERT INTO revocations (level, target, cutoff, reason, expires_at) VALUES ($1, $2, $3, 'held', now())
       ON CONFLICT (level, target) DO UPDATE SET reason = 'held'`,
      [level, target, isCutoff ? 0 : null],
    );
  }

  /** Resolves when each of these requests has been answered or waits for a lock. */
  async stops(...requests: Promise<unknown>[]): Promise<void> {
    let open = requests.length;
    for (const request of requests) void request.catch(() => undefined).finally(() => open--);
    for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline;) {
      const { rows } = await this.watcher.query<{ count: number }>(WAITING);
      if (rows[0]!.count >= open) return;
    }
    throw new Error(`${open} requests neither ended nor wait for a lock`);
  }

  /** Undoes the transaction, or for `COMMIT` keeps what it did; then everyone goes on. */
  async release(how: 'ROLLBACK' | 'COMMIT' = 'ROLLBACK'): Promise<void> {
    await this.holder.query(how);
    await Promise.all([this.holder.end(), this.watcher.end()]);
  }
}
