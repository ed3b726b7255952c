import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { PurgePace } from './purge-pace.js';
import { PurgeService } from './purge.service.js';

/**
 * Seconds until an instance first asks whether a sweep is due: a tenth of the interval, at most 60. Whether one is due,
 * the database knows; an instance that is started anew more often than the interval must get to ask.
 */
const MAX_FIRST_DELAY_SECONDS = 60;

/** Asks again and again whether a sweep is due. A sweep that fails is no reason to stop asking. */
@Injectable()
export class PurgeScheduler implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Purge');
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly purge: PurgeService,
    private readonly pace: PurgePace,
  ) {}

  onApplicationBootstrap(): void {
    const { intervalSeconds } = this.pace;
    if (intervalSeconds === 0) return;
    // Instances that were started at once do not ask at once: up to twice as long.
    this.sweepIn(Math.min(intervalSeconds / 10, MAX_FIRST_DELAY_SECONDS) * (1 + Math.random()));
  }

  /** Before the database connections are closed: a batch under way is waited for, and none begins. */
  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.sweeping;
  }

  /** Never rejects: a sweep that fails is told, and tried again the next time. */
  sweep(): Promise<void> {
    return (this.sweeping = this.sweepAndTell());
  }

  private async sweepAndTell(): Promise<void> {
    try {
      await this.purge.sweep(this.stopping.signal);
    } catch (error) {
      this.logger.warn(`The purge failed and is tried again later: ${(error as Error).message}`);
    }
  }

  private sweepIn(seconds: number): void {
    if (this.stopping.signal.aborted) return;
    this.timer = setTimeout(() => {
      // Up to a tenth later than asked: instances drift apart instead of asking together.
      const nextSeconds = this.pace.intervalSeconds * (1 + Math.random() / 10);
      void this.sweep().then(() => this.sweepIn(nextSeconds));
    }, seconds * 1000).unref();
  }
}
