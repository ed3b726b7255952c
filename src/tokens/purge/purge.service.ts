import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { type ExpiringTable, FROM_THE_FIRST, type PrunedBatch } from '../../database/expired-rows.js';
import { Transactions } from '../../database/transactions.js';
import { Metrics } from '../../metrics/metrics.js';
import { LEEWAY_SECONDS } from '../leeway.js';
import { ChoreRepository } from './chore.repository.js';
import { PurgePace } from './purge-pace.js';
import { type PurgedTable, PurgedTables } from './purged-tables.js';

const CHORE = 'purge';

/** How long another instance waits for one that no longer says that it goes on. Longer than a slow batch and its pause. */
const HOLD_SECONDS = 60;

/** How many rows went, by table. */
export type Removed = Record<ExpiringTable, number>;

/** One sweep on its way. */
interface Sweep {
  heldUntil: string;
  readonly stopping: AbortSignal;
  readonly removed: Removed;
}

/**
 * Removes what nothing needs any more, once per cluster, a few rows at a time.
 *
 * It never removes a row before its end plus the leeway. A record of a revocation says when the last token that it
 * forbids has expired, the leeway included; it stays for another one, since an instance whose clock is behind the
 * database's takes that token for so much longer.
 */
@Injectable()
export class PurgeService {
  private readonly logger = new Logger('Purge');

  constructor(
    private readonly tables: PurgedTables,
    private readonly chores: ChoreRepository,
    private readonly pace: PurgePace,
    private readonly transactions: Transactions,
    private readonly metrics: Metrics,
  ) {
    // A counter that is there from the start, so that its first increase is seen as one.
    for (const { name } of tables.all) metrics.increase('recant_purged_rows_total', { table: name }, 0);
  }

  /**
   * Goes through all tables, unless it is not due or another instance does it: then null. Ends between two batches when
   * the signal says so, or when another instance has taken over.
   */
  async sweep(stopping: AbortSignal): Promise<Removed | null> {
    const heldUntil = await this.chores.claim(CHORE, HOLD_SECONDS);
    if (heldUntil === null) return null;
    const removed: Removed = { revocations: 0, sessions: 0, client_secrets: 0, rate_limits: 0, audit_events: 0 };
    const sweep: Sweep = { heldUntil, stopping, removed };
    const begun = performance.now();
    try {
      await this.goThrough(sweep);
    } finally {
      this.tell(sweep.removed, (performance.now() - begun) / 1000);
    }
    return sweep.removed;
  }

  private async goThrough(sweep: Sweep): Promise<void> {
    for (const table of this.tables.all) await this.clear(table, sweep);
    // Stopped half-way, it is due at once, for another instance.
    const seconds = sweep.stopping.aborted ? 0 : this.pace.intervalSeconds;
    await this.chores.renew(CHORE, sweep.heldUntil, seconds);
  }

  private async clear(table: PurgedTable, sweep: Sweep): Promise<void> {
    let from = FROM_THE_FIRST;
    while (!sweep.stopping.aborted) {
      const pruned = await this.pruneHeld(table, from, sweep);
      if (!pruned || pruned.count < this.pace.batchSize) return;
      from = pruned.reached;
      await this.pause(this.pace.pauseAfter(pruned.workedMs), sweep.stopping);
    }
  }

  /** One batch, in the transaction that says that this instance goes on; null when another one does. */
  private async pruneHeld(table: PurgedTable, from: string, sweep: Sweep): Promise<PrunedBatch | null> {
    const done = await this.transactions.run(async (tx) => {
      const heldUntil = await this.chores.renew(CHORE, sweep.heldUntil, HOLD_SECONDS, tx);
      if (heldUntil === null) return null;
      const batch = { limit: this.pace.batchSize, graceSeconds: LEEWAY_SECONDS, from };
      return { heldUntil, pruned: await table.prune(batch, tx) };
    });
    if (!done) return null;
    sweep.heldUntil = done.heldUntil;
    sweep.removed[table.name] += done.pruned.count;
    this.metrics.increase('recant_purged_rows_total', { table: table.name }, done.pruned.count);
    return done.pruned;
  }

  /** Ended early by the signal, which is no fault. Keeps no process alive. */
  private async pause(ms: number, signal: AbortSignal): Promise<void> {
    await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
  }

  private tell(removed: Removed, seconds: number): void {
    this.metrics.observe('recant_purge_duration_seconds', seconds);
    const parts = Object.entries(removed).filter(([, count]) => count > 0);
    if (parts.length === 0) return;
    const counts = parts.map(([table, count]) => `${count} of ${table}`).join(', ');
    this.logger.log(`Removed what had ended: ${counts}, in ${seconds.toFixed(1)} s.`);
  }
}
