import { onTestFinished, vi } from 'vitest';

const now = performance.now.bind(performance);

/** Lets the monotonic clock of this process be so much later, until the test ends. Not the wall clock. */
export function later(ms: number): void {
  const ahead = performance.now() - now() + ms;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
  onTestFinished(() => clock.mockRestore());
}
