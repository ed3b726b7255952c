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

  constructor(private readonly clock: Clock) {
    super();
  }

  onModuleInit(): void {
    const prune = (): number => this.set.prune(this.clock.nowSeconds(), PAGES_AT_ONCE);
    this.timer = setInterval(prune, PRUNE_INTERVAL_MS).unref();
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
      takeOver: () => {
        this.set = fresh;
      },
    };
  }
}
