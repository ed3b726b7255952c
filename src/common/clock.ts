import { Injectable } from '@nestjs/common';

/**
 * The only place of ours that reads the process's time. Rows and tokens take the database's time; this one serves what never
 * leaves the process, and tests put another in its place.
 */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }

  /** Seconds since 1970-01-01T00:00:00Z, whole, as JWT's NumericDate (RFC 7519 §2). */
  nowSeconds(): number {
    return Math.floor(Date.now() / 1000);
  }

  /** Milliseconds since some moment of this process, that never jump: for how long ago something was, not for when. */
  monotonicMs(): number {
    return performance.now();
  }
}

export function secondsAfter(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000);
}
