import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';

/** How often a transaction that lost against another one is tried in all. */
const MAX_TRIES = 3;

/** serialization_failure and deadlock_detected: the database undid everything and asks to try again. */
const RETRYABLE_SQLSTATES = new Set(['40001', '40P01']);

/** Runs work in one transaction: all of it happens, or nothing. */
@Injectable()
export class Transactions {
  constructor(private readonly dataSource: DataSource) {}

  /** `work` may run more than once, so it must have no effect outside the transaction. Throwing rolls back. */
  async run<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.dataSource.transaction(work);
      } catch (error) {
        if (tries === MAX_TRIES || !isRetryable(error)) throw error;
      }
    }
  }
}

function isRetryable(error: unknown): boolean {
  return (
    error instanceof QueryFailedError && RETRYABLE_SQLSTATES.has((error.driverError as { code?: string }).code ?? '')
  );
}
