// Work without HTTP, measured as a load over HTTP is.
import { watchProcessor } from './processor-time.mjs';

/**
 * Does the same in several loops at once until the time is over, and at least once. What is under way then does not count.
 *
 * @param {number} seconds
 * @param {number} loops
 * @param {(loop: number) => Promise<unknown>} work
 */
export async function inLoops(seconds, loops, work) {
  const busy = watchProcessor(process.pid);
  const begun = performance.now();
  const end = begun + seconds * 1000;
  /** @type {number[]} */
  const latencies = [];
  let firstLateAt = Infinity;
  const one = async (_, loop) => {
    for (let from = begun; from < end;) {
      await work(loop);
      const done = performance.now();
      if (done <= end) latencies.push(done - from);
      else firstLateAt = Math.min(firstLateAt, done);
      from = done;
    }
  };
  await Promise.all(Array.from({ length: loops }, one));
  const isLate = latencies.length === 0;
  if (isLate) latencies.push(firstLateAt - begun);
  return {
    latencies: Float64Array.from(latencies),
    failed: 0,
    errors: 0,
    seconds: isLate ? (firstLateAt - begun) / 1000 : seconds,
    serverBusy: busy(),
  };
}
