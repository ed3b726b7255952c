import { Injectable } from '@nestjs/common';
import { Environment } from '../../config/environment.js';

/**
 * Rows in one transaction. It takes 20 to 40 ms of the database, so nobody who needs one of its locks waits longer; of
 * fewer rows, more than half of the time would go into sending statements to and fro.
 */
const BATCH_SIZE = 2000;

/**
 * Pause after a batch, as a multiple of the time that the database worked at it: a quarter of one of its processors at
 * most. A batch that takes long because others need the database is followed by a pause that is as much longer.
 */
const PAUSE_FACTOR = 3;

/** Milliseconds. A batch may take some seconds where the database is slow; the hold on the chore must outlast a pause. */
const MAX_PAUSE_MS = 10_000;

/** How often there is a sweep, and how fast it goes. */
@Injectable()
export class PurgePace {
  readonly batchSize: number = BATCH_SIZE;
  /** From the end of a sweep to the next; 0 for never. */
  readonly intervalSeconds: number;

  constructor({ purgeIntervalSeconds }: Environment) {
    this.intervalSeconds = purgeIntervalSeconds;
  }

  pauseAfter(workedMs: number): number {
    return Math.min(workedMs * PAUSE_FACTOR, MAX_PAUSE_MS);
  }
}
