import { setTimeout as sleep } from 'node:timers/promises';

export interface Pace {
  everyMs: number;
  timeoutMs: number;
}

/** Asks `probe` until it answers something; undefined when the time is over. The first question comes at once. */
export async function pollUntil<T>(probe: () => Promise<T | undefined>, pace: Pace): Promise<T | undefined> {
  const timeout = AbortSignal.timeout(pace.timeoutMs);
  for (;;) {
    const answer = await probe();
    if (answer !== undefined || timeout.aborted) return answer;
    await sleep(pace.everyMs);
  }
}
