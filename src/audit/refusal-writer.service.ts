import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Metrics } from '../metrics/metrics.js';
import { type NewAuditEvent } from './audit-event.entity.js';
import { AuditEventRepository } from './audit-event.repository.js';
import { BY_SYSTEM } from './origin.js';
import { type LeftOut, RefusalBudget } from './refusal-budget.js';

const MINUTE_MS = 60_000;

/** Milliseconds that a refused request waits for its row at most; a database that answers takes one or two. */
const PATIENCE_MS = 250;

/**
 * Writes refusals, which have no transaction of their own. Whoever is refused hears so soon, whatever becomes of the row:
 * the rows of many go in one statement, one statement at a time, and a flood is written in part, and counted.
 */
@Injectable()
export class RefusalWriter implements OnModuleDestroy {
  private readonly logger = new Logger('Audit');
  private readonly budget = new RefusalBudget();
  private waiting: NewAuditEvent[] = [];
  private writing: Promise<void> | null = null;
  private minute: NodeJS.Timeout | null = null;

  constructor(
    private readonly events: AuditEventRepository,
    private readonly metrics: Metrics,
  ) {
    // Counters that are there from the start, so that their first increase is seen as one.
    for (const why of ['flood', 'storage']) metrics.increase('recant_audit_left_out_total', { why }, 0);
  }

  /** Returns when the row is stored, left out or late. Never rejects. */
  async write(event: NewAuditEvent): Promise<void> {
    this.minute ??= setTimeout(() => this.endMinute(), MINUTE_MS).unref();
    if (!this.budget.admits(event.ip, event.event)) {
      this.metrics.increase('recant_audit_left_out_total', { why: 'flood' });
      return;
    }
    await this.enqueue(event);
  }

  /** Says how many the minute has left out, and begins the next with the next refusal. */
  endMinute(): void {
    if (this.minute) clearTimeout(this.minute);
    this.minute = null;
    const leftOut = this.budget.end();
    if (leftOut) void this.enqueue(summaryOf(leftOut));
  }

  /** Before the database connections are closed. */
  async onModuleDestroy(): Promise<void> {
    this.endMinute();
    await this.writing;
  }

  private async enqueue(event: NewAuditEvent): Promise<void> {
    this.waiting.push(event);
    this.writing ??= this.writeAll();
    const impatience = new AbortController();
    const patience = delay(PATIENCE_MS, undefined, { signal: impatience.signal }).catch(() => undefined);
    await Promise.race([this.writing, patience]);
    impatience.abort();
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const events = this.waiting;
      this.waiting = [];
      await this.events.insert(events).catch((error: Error) => this.lose(events.length, error));
    }
    // Here and not after it: who came in between would wait for a writing that is over.
    this.writing = null;
  }

  private lose(count: number, error: Error): void {
    this.metrics.increase('recant_audit_left_out_total', { why: 'storage' }, count);
    this.logger.error(`${count} refusals could not be written to the audit trail: ${error.message}`);
  }
}

function summaryOf({ count, networks, busiestNetwork }: LeftOut): NewAuditEvent {
  return {
    event: 'refusals.left_out',
    outcome: 'refused',
    actorType: BY_SYSTEM.actor.type,
    actorId: null,
    targetType: null,
    targetId: null,
    sessionId: null,
    ip: null,
    userAgent: null,
    requestId: null,
    details: { count, networks, busiest_network: busiestNetwork },
  };
}
