import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { jittered } from '../common/random.js';

/** How often a transaction that lost against another one is tried in all. */
const MAX_TRIES = 3;

/**
 * Milliseconds up to which a second try waits, and a third one twice as long; with equal chance from 0 on, so that two who
 * met do not meet again. More than a transaction of ours takes, and nothing beside the second that a deadlock has cost.
 */
const RETRY_DELAY_MS = 25;

/** serialization_failure and deadlock_detected: the database undid everything and asks to try again. */
const RETRYABLE_SQLSTATES = new Set(['40001', '40P01']);

/** Runs work in one transaction: all of it happens, or nothing. */
@Injectable()
export class Transactions {
  /** What is to be done once a transaction has been committed. */
  private readonly consequences = new WeakMap<EntityManager, (() => void)[]>();

  constructor(private readonly dataSource: DataSource) {}

  /**
   * `work` may run more than once, so it must have no effect outside the transaction. Throwing rolls back.
   *
   * A transaction that lost against another is tried anew from its beginning; what it asked to be done after its COMMIT
   * is forgotten with the try. One that always loses throws what the database said, which is a 503.
   */
  async run<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.tryOnce(work);
      } catch (error) {
        if (tries === MAX_TRIES || !isRetryable(error)) throw error;
        await sleep(jittered(RETRY_DELAY_MS * tries));
      }
    }
  }

  /**
   * Has something done when the transaction has been committed, before `run` returns; also when the COMMIT failed, since
   * then nobody knows whether it was done. Not when the work itself failed.
   *
   * @throws when it is not a transaction of `run`: nobody would do it.
   */
  afterCommit(tx: EntityManager, act: () => void): void {
    const acts = this.consequences.get(tx);
    if (!acts) throw new Error('What is to follow a COMMIT needs a transaction that was opened by Transactions.run');
    acts.push(act);
  }

  private async tryOnce<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    const acts: (() => void)[] = [];
    let isWorkDone = false;
    try {
      return await this.dataSource.transaction(async (tx) => {
        this.consequences.set(tx, acts);
        const result = await work(tx);
        isWorkDone = true;
        return result;
      });
    } finally {
      if (isWorkDone) for (const act of acts) act();
    }
  }
}

function isRetryable(error: unknown): boolean {
  return (
    error instanceof QueryFailedError && RETRYABLE_SQLSTATES.has((error.driverError as { code?: string }).code ?? '')
  );
}
