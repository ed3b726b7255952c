import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type RevocableClaims, type RevocationRecord, RevocationSet } from '@recant/revocation-set';
import { Clock } from '../../common/clock.js';
import { type Refill, RevocationSink } from './revocation-sink.js';

/** Milliseconds between two looks at what has expired. */
const PRUNE_INTERVAL_MS = 1_000;

/** Of the pages of the set: some milliseconds when all of it has expired. A million records take about three minutes. */
const PAGES_AT_ONCE = 10;

/** The unexpired revocations of this instance. Whether they are all of them, the feed knows. */
@Injectable()
export class RevocationMemory extends RevocationSink implements OnModuleInit, OnModuleDestroy {
  private set = new RevocationSet();
  private timer: NodeJS.Timeout | undefined;
  /** The database's clock less our monotonic one, in seconds: at most, as the answer took its time. */
  private databaseAheadSeconds = -Infinity;

  constructor(private readonly clock: Clock) {
    super();
  }

  onModuleInit(): void {
    this.timer = setInterval(() => this.set.prune(this.prunableSeconds(), PAGES_AT_ONCE), PRUNE_INTERVAL_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  get size(): number {
    return this.set.size;
  }

  forbids(claims: RevocableClaims): boolean {
    return this.set.forbids(claims, this.clock.nowSeconds());
  }

  override apply(record: RevocationRecord): void {
    this.set.apply(record);
  }

  override refill(): Refill {
    const fresh = new RevocationSet();
    return {
      apply: (record) => fresh.apply(record),
      takeOver: (databaseSeconds) => {
        this.set = fresh;
        this.databaseAheadSeconds = databaseSeconds - this.clock.monotonicMs() / 1000;
      },
    };
  }

  /**
   * What has expired by two clocks is let go of. By ours alone, a clock that was ahead and is set back would let the token pass
   * again; by the database's alone, one that is behind would, which takes the token for valid still.
   */
  private prunableSeconds(): number {
    const databaseSeconds = this.databaseAheadSeconds + this.clock.monotonicMs() / 1000;
    return Math.floor(Math.min(databaseSeconds, this.clock.nowSeconds()));
  }
}
