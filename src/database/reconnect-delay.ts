import { jittered } from '../common/random.js';

/** Milliseconds within which the first attempt follows a lost connection. */
const FIRST_MS = 100;

/** Milliseconds that no wait is longer than: a database that is back is found within two seconds. */
const LONGEST_MS = 2_000;

/**
 * Milliseconds to wait before an attempt to connect, counted from 0. Anything, with equal chance, from 0 up to 100, 200,
 * 400, 800, 1600, 2000, 2000 …: the instances that lost one database together do not come back to it together.
 */
export function reconnectDelayMs(attempt: number): number {
  return jittered(Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt));
}
