/** By how much clocks that run at one speed may seem to differ: what was rounded, and what they drift in a stream's life. */
const TOLERANCE_MS = 100;

/** Milliseconds by which the wall clock may have been corrected, rather than the machine have slept. */
const JUMP_MS = 1_000;

/** By what the wall clock is ahead of the monotonic one, which stands still while the machine sleeps. */
export function wallLeadMs(): number {
  return Date.now() - performance.now();
}

/** Whether more time has passed than the monotonic clock has seen. */
export function hasSleptSince(leadMs: number): boolean {
  return wallLeadMs() - leadMs > JUMP_MS;
}

/**
 * Puts moments of the issuer's clock on ours, without a clock in common. Made before the request is sent: what the issuer
 * did at `t`, having `opened` the stream when the request had arrived, did not happen before `made + (t - opened)` on ours.
 * Taken for that moment, a proof may look older than it is, and never younger, however long anything in between delays or
 * keeps it; as long as both clocks run alike, which is why a pair of them is not used for long.
 */
export class StreamClock {
  private readonly madeAtMs = performance.now();
  private readonly leadMs = wallLeadMs();
  private openedAtMs: number | null = null;

  /** The issuer's time when the request had arrived. */
  open(timeMs: number): void {
    this.openedAtMs = timeMs;
  }

  get isOpen(): boolean {
    return this.openedAtMs !== null;
  }

  get ageMs(): number {
    return performance.now() - this.madeAtMs;
  }

  /** Never later than now; null when one of the two has stood still, or has been much slower than the other. */
  momentOf(timeMs: number): number | null {
    const now = performance.now();
    const moment = this.madeAtMs + (timeMs - this.openedAtMs!);
    if (moment > now + TOLERANCE_MS || hasSleptSince(this.leadMs)) return null;
    return Math.min(moment, now);
  }
}
