import { Logger } from '@nestjs/common';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AuditPurgeRepository } from '../../src/audit/audit-purge.repository.js';
import { newUuid } from '../../src/common/random.js';
import { type ExpiringTable, FROM_THE_FIRST } from '../../src/database/expired-rows.js';
import { Transactions } from '../../src/database/transactions.js';
import { Metrics } from '../../src/metrics/metrics.js';
import { ChoreRepository } from '../../src/tokens/purge/chore.repository.js';
import { PurgePace } from '../../src/tokens/purge/purge-pace.js';
import { PurgeScheduler } from '../../src/tokens/purge/purge-scheduler.js';
import { PurgeService, type Removed } from '../../src/tokens/purge/purge.service.js';
import { PurgedTables } from '../../src/tokens/purge/purged-tables.js';
import { RevocationFeed } from '../../src/tokens/revocation/revocation-feed.service.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { testEnvironment } from '../support/environment.js';
import { type Account, claimsOf, Given } from '../support/given.js';
import { readAnew } from '../support/memory.js';
import { expectInvalidToken } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';

// Real: PostgreSQL, HTTP, and the service, whose own timer is off. Time passes by shifting rows into the past.
// Not real: the doubt that memory is in sync, where the database has to answer.
let service: TestService;
let given: Given;
let user: Account;
/** An operator, and somebody who holds locks. */
let operator: Client;
let holder: Client;

const tables = ['revocations', 'sessions', 'client_secrets', 'rate_limits', 'audit_events'] as const;

/** For how long a row of the audit trail stays after the event. The others say themselves when they end. */
const RETENTION_DAYS = 2;

/** When a row ends, in SQL. */
const endOf = (table: ExpiringTable): string =>
  table === 'audit_events' ? `at + interval '${RETENTION_DAYS} days'` : 'expires_at';

beforeAll(async () => {
  service = await startService({ PURGE_INTERVAL_SECONDS: '0', AUDIT_RETENTION_DAYS: String(RETENTION_DAYS) });
  given = new Given(service);
  user = await given.aUser();
  [operator, holder] = [await connect(), await connect()];
  await run(`INSERT INTO clients (id, client_name, scopes) VALUES ($1, 'c', '{}')`, [aClient]);
});
afterAll(async () => {
  await Promise.all([operator.end(), holder.end()]);
  await service.database.drop();
});
beforeEach(() => run(`UPDATE chores SET due_at = now()`));
afterEach(async () => {
  vi.restoreAllMocks();
  // A test that fails half-way must not make the next ones wait.
  await holder.query('ROLLBACK');
  for (const table of tables) await run(`DELETE FROM ${table} WHERE ${endOf(table)} < now() + interval '1 day'`);
});

const aClient = newUuid();

async function connect(): Promise<Client> {
  const client = new Client({ connectionString: service.database.url });
  await client.connect();
  return client;
}

async function run<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
  return (await operator.query<Row>(sql, values)).rows;
}

const insert: Record<ExpiringTable, (end: string) => string> = {
  revocations: (end) => `INSERT INTO revocations (level, target, reason, expires_at)
    SELECT 'token', gen_random_uuid(), 'logout', ${end} FROM generate_series(1, $1)`,
  sessions: (end) => `INSERT INTO sessions (id, user_id, client_id, issue_number, refresh_kid, created_at, rotated_at,
      last_used_at, expires_at, idle_expires_at)
    SELECT gen_random_uuid(), '${user.id}', 'recant', 1, 'k', now(), now(), now(), ${end}, now()
    FROM generate_series(1, $1)`,
  client_secrets: (end) => `INSERT INTO client_secrets (client_id, secret_hash, expires_at)
    SELECT '${aClient}', sha256(gen_random_uuid()::text::bytea), ${end} FROM generate_series(1, $1)`,
  rate_limits: (end) => `INSERT INTO rate_limits (key, points, expire)
    SELECT gen_random_uuid(), 1, extract(epoch FROM (${end})::timestamptz) * 1000 FROM generate_series(1, $1)`,
  audit_events: (end) => `INSERT INTO audit_events (at, event, outcome, actor_type)
    SELECT (${end})::timestamptz - interval '${RETENTION_DAYS} days', 'user.deleted', 'success', 'user'
    FROM generate_series(1, $1)`,
};

/** Rows of a table that ended so many seconds ago. */
async function ended(table: ExpiringTable, seconds: number, rows = 1): Promise<void> {
  await run(insert[table](`clock_timestamp() - make_interval(secs => ${seconds})`), [rows]);
}

async function rowsOf(table: ExpiringTable): Promise<number> {
  const [row] = await run<{ count: string }>(
    `SELECT count(*) FROM ${table} WHERE ${endOf(table)} < now() + interval '1 hour'`,
  );
  return Number(row!.count);
}

const none: Removed = { revocations: 0, sessions: 0, client_secrets: 0, rate_limits: 0, audit_events: 0 };

/** Another instance's purge, or this one's at another pace. */
function aPurge(pace: Partial<PurgePace> = {}, chores = service.app.get(ChoreRepository)): PurgeService {
  const { app } = service;
  const usual = { batchSize: 1000, intervalSeconds: 600, pauseAfter: () => 0 };
  return new PurgeService(
    app.get(PurgedTables),
    chores,
    { ...usual, ...pace },
    app.get(Transactions),
    app.get(Metrics),
  );
}

const sweep = (purge = aPurge()): Promise<Removed | null> => purge.sweep(new AbortController().signal);

async function isDue(): Promise<boolean> {
  const [row] = await run<{ due: boolean }>('SELECT due_at <= clock_timestamp() AS due FROM chores');
  return row!.due;
}

describe('a sweep', () => {
  it.each(tables)('never removes a row of %s before its end plus the leeway, and does after it', async (table) => {
    for (const seconds of [-3600, -1, 0, 2]) await ended(table, seconds);
    const before = await rowsOf(table);
    expect(await sweep()).toEqual(none);
    expect(await rowsOf(table)).toBe(before);
    await run(`UPDATE chores SET due_at = now()`);
    for (const seconds of [5, 6, 86_400]) await ended(table, seconds);
    expect(await sweep()).toEqual({ ...none, [table]: 3 });
    expect(await rowsOf(table)).toBe(before);
  });

  it('goes from batch to batch until nothing is left, also past rows that ended in the same moment', async () => {
    for (const table of tables) {
      await ended(table, 60, 4);
      await run(insert[table](`'2020-01-01T00:00:00.123456Z'`), [3]);
    }
    expect(await sweep(aPurge({ batchSize: 2 }))).toEqual({
      revocations: 7,
      sessions: 7,
      client_secrets: 7,
      rate_limits: 7,
      audit_events: 7,
    });
    for (const table of tables) expect(await rowsOf(table)).toBe(0);
  });

  it('keeps the audit trail for ever where it is configured so', async () => {
    await ended('audit_events', 3_000 * 86_400);
    const forever = new AuditPurgeRepository(testEnvironment({ AUDIT_RETENTION_DAYS: '0' }));
    const batch = { limit: 10, graceSeconds: 0, from: FROM_THE_FIRST };
    const pruned = await service.app.get(Transactions).run((tx) => forever.prune(batch, tx));
    expect(pruned.count).toBe(0);
    expect(await rowsOf('audit_events')).toBe(1);
  });

  it('keeps sessions that are only idle or ended, and secrets without an end', async () => {
    const { refresh } = await given.aUser();
    await service.api.post('/logout/refresh', { token: refresh });
    await run(`UPDATE sessions SET idle_expires_at = now() - interval '1 hour' WHERE id = $1`, [
      claimsOf(refresh)['sid'],
    ]);
    await run(insert.client_secrets('NULL'), [1]);
    expect(await sweep()).toEqual(none);
  });

  it.each(tables)('leaves a row of %s that somebody holds, and waits for nobody', async (table) => {
    await ended(table, 60, 3);
    await holder.query(`BEGIN; SELECT FROM ${table} WHERE ${endOf(table)} < now() LIMIT 1 FOR UPDATE`);
    expect(await sweep()).toEqual({ ...none, [table]: 2 });
    await holder.query('ROLLBACK');
    await run(`UPDATE chores SET due_at = now()`);
    expect(await sweep()).toEqual({ ...none, [table]: 1 });
  });

  it('keeps a record that is told anew while the sweep is under way', async () => {
    const revoke = `INSERT INTO revocations (level, target, reason, expires_at) VALUES ('token', $1, 'logout', $2)
      ON CONFLICT (level, target) DO UPDATE SET expires_at = EXCLUDED.expires_at`;
    const jti = newUuid();
    await run(revoke, [jti, '2020-01-01']);
    await holder.query('BEGIN');
    await holder.query(revoke, [jti, '2099-01-01']);
    expect(await sweep()).toEqual(none);
    await holder.query('COMMIT');
    expect(await run('SELECT FROM revocations WHERE target = $1', [jti])).toHaveLength(1);
    await run('DELETE FROM revocations WHERE target = $1', [jti]);
  });

  it('shows at /metrics what it removed', async () => {
    const before = await shown();
    await ended('sessions', 60, 3);
    await ended('revocations', 60, 2);
    await sweep();
    const after = await shown();
    expect(after('recant_purged_rows_total{table="sessions"}')).toBe(
      before('recant_purged_rows_total{table="sessions"}') + 3,
    );
    expect(after('recant_purged_rows_total{table="revocations"}')).toBe(
      before('recant_purged_rows_total{table="revocations"}') + 2,
    );
    expect(after('recant_purge_duration_seconds_count')).toBe(before('recant_purge_duration_seconds_count') + 1);
  });

  it('tells in one line what it removed, and nothing when there was nothing', async () => {
    const log = vi.spyOn(Logger.prototype, 'log').mockReturnValue();
    await sweep();
    expect(log).not.toHaveBeenCalled();
    await run(`UPDATE chores SET due_at = now()`);
    await ended('sessions', 60, 3);
    await ended('client_secrets', 60);
    await sweep(aPurge({ batchSize: 1 }));
    expect(log.mock.calls).toEqual([
      [expect.stringMatching(/^Removed what had ended: 3 of sessions, 1 of client_secrets, in \d+\.\d s\.$/)],
    ]);
  });
});

async function shown(): Promise<(name: string) => number> {
  const { body } = await service.api.get('/metrics');
  const lines = (body as string).split('\n').map((line) => line.split(' '));
  return (name) => Number(lines.find(([shownName]) => shownName === name)![1]);
}

describe('What was revoked stays revoked', () => {
  const secret = (token: string) => service.api.get('/secret', { token });

  /** Either has to refuse it. */
  const witnesses = ['memory', 'the database'] as const;

  function ask(witness: (typeof witnesses)[number]): void {
    if (witness === 'the database') vi.spyOn(service.app.get(RevocationFeed), 'isInSync').mockReturnValue(false);
  }

  it.each(witnesses)(
    'right up to the end of its record, through every sweep, and the record is what refuses it: %s',
    async (by) => {
      ask(by);
      const { access } = await given.aUser();
      await service.api.post('/logout/access', { token: access });
      const shift = (seconds: number) =>
        run(
          `UPDATE revocations SET expires_at = clock_timestamp() + make_interval(secs => $2)
           WHERE target = $1`,
          [claimsOf(access).jti, seconds],
        );
      for (const seconds of [900, 1, 0, -2]) {
        await shift(seconds);
        await run(`UPDATE chores SET due_at = now()`);
        expect(await sweep()).toEqual(none);
        expectInvalidToken(await secret(access));
      }
      await shift(-5);
      await run(`UPDATE chores SET due_at = now()`);
      expect(await sweep()).toEqual({ ...none, revocations: 1 });
      // Memory keeps what it was told until the end it was told, which here the row has not lived to see.
      if (by === 'memory') await readAnew(service);
      expect((await secret(access)).status).toBe(200);
    },
  );

  it.each(witnesses)('when the session that was ended is no longer there: %s', async (by) => {
    ask(by);
    const { access, refresh } = await given.aUser();
    await service.api.post('/logout', { token: access });
    await run(`UPDATE sessions SET expires_at = now() - interval '1 hour' WHERE id = $1`, [claimsOf(access).sid]);
    expect(await sweep()).toEqual({ ...none, sessions: 1 });
    expectInvalidToken(await secret(access));
    expectInvalidToken(await service.api.post('/token/refresh', { token: refresh }));
  });
});

describe('many instances', () => {
  it('claim it at once, and one gets it', async () => {
    const chores = service.app.get(ChoreRepository);
    const claims = await Promise.all(Array.from({ length: 10 }, () => chores.claim('purge', 60)));
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  });

  it('sweep at once, and one does it', async () => {
    await ended('sessions', 60, 20);
    const sweeps = await Promise.all(Array.from({ length: 10 }, () => sweep(aPurge({ batchSize: 2 }))));
    expect(sweeps.filter((removed) => removed !== null)).toEqual([{ ...none, sessions: 20 }]);
    expect(await sweep()).toBeNull();
  });

  it('take over what one left half-way, and that one stops', async () => {
    await ended('sessions', 60, 5);
    const chores = service.app.get(ChoreRepository);
    let batches = 0;
    const frozen = Object.assign(Object.create(chores) as ChoreRepository, {
      async renew(...args: Parameters<ChoreRepository['renew']>) {
        if (args[3] && ++batches === 3) {
          // It did not say for too long that it goes on, and another instance is there.
          await run('UPDATE chores SET due_at = now()');
          expect(await chores.claim('purge', 60)).not.toBeNull();
        }
        return chores.renew(...args);
      },
    });
    // The first batch finds no revocation, the second is of sessions.
    expect(await sweep(aPurge({ batchSize: 1 }, frozen))).toEqual({ ...none, sessions: 1 });
    expect(await isDue()).toBe(false);
  });
});

describe('a purge', () => {
  const schedule = (pace: Partial<PurgePace> = {}) =>
    new PurgeScheduler(aPurge(pace), { batchSize: 1, intervalSeconds: 600, pauseAfter: () => 0 });

  it('that fails while the database is away warns once, and goes on when it is back', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const scheduler = schedule();
    const faults = new DatabaseFaults(service.database);
    await ended('sessions', 60, 3);
    await Promise.all([operator.end(), holder.end()]);
    await faults.goAway();
    await scheduler.sweep();
    await faults.comeBack();
    [operator, holder] = [await connect(), await connect()];
    // Others of the service warn too, of what is theirs.
    const warnings = () => warn.mock.calls.map(String).filter((line) => line.includes('purge'));
    expect(warnings()).toEqual([expect.stringMatching(/^The purge failed and is tried again later: /)]);
    await scheduler.sweep();
    expect(await rowsOf('sessions')).toBe(0);
    expect(warnings()).toHaveLength(1);
  });

  it('that is stopped in a pause stops there, and leaves the rest to another instance', async () => {
    await ended('sessions', 60, 3);
    let stopped: Promise<void> | undefined;
    const scheduler = schedule({
      batchSize: 1,
      pauseAfter: () => {
        stopped = scheduler.onModuleDestroy();
        return 3_600_000;
      },
    });
    await scheduler.sweep();
    await stopped;
    expect(await rowsOf('sessions')).toBe(2);
    expect(await isDue()).toBe(true);
  });

  it('that is under way when the service stops is waited for', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const order: string[] = [];
    await ended('sessions', 60, 3);
    await holder.query('BEGIN; LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE');
    const swept = service.app
      .get(PurgeScheduler)
      .sweep()
      .then(() => order.push('swept'));
    await vi.waitFor(async () => expect(await run(WAITING)).toHaveLength(1));
    const closed = service.app.close().then(() => order.push('closed'));
    await holder.query('ROLLBACK');
    await Promise.all([swept, closed]);
    expect(order).toEqual(['swept', 'closed']);
    expect(warn).not.toHaveBeenCalled();
    expect(await rowsOf('sessions')).toBe(0);
    expect(await isDue()).toBe(true);
  });
});

const WAITING = `SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%DELETE FROM sessions%'`;
