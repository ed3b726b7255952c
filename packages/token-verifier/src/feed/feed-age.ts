import { hasSleptSince, wallLeadMs } from './stream-clock.js';

/** How old what is known is. Asked on each call, never noticed by a timer: a process that was held up is safe too. */
export class FeedAge {
  private provenAtMs = -Infinity;
  private leadMs = 0;

  /** Every revocation that was committed before this moment of our monotonic clock is known. */
  prove(atMs: number): void {
    this.provenAtMs = Math.max(this.provenAtMs, atMs);
    this.leadMs = wallLeadMs();
  }

  /** Something was missed. */
  forget(): void {
    this.provenAtMs = -Infinity;
  }

  /** An upper bound. */
  get ms(): number {
    return hasSleptSince(this.leadMs) ? Infinity : performance.now() - this.provenAtMs;
  }
}
