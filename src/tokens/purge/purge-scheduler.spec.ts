import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PurgeScheduler } from './purge-scheduler.js';
import { type PurgeService } from './purge.service.js';

// Real: the timers' order. Time is vitest's, and the purge itself is test/integration's.
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function aScheduler(
  intervalSeconds: number,
  sweep = vi.fn<(stopping: AbortSignal) => Promise<null>>().mockResolvedValue(null),
) {
  const pace = { intervalSeconds, batchSize: 1, pauseAfter: () => 0 };
  return { scheduler: new PurgeScheduler({ sweep } as unknown as PurgeService, pace), sweep };
}

describe('the purge', () => {
  it.each([
    [10, 1, 2],
    [600, 60, 120],
    [86_400, 60, 120],
  ])('every %i s first asks after %i to %i s, then at its interval', async (interval, earliest, latest) => {
    const { scheduler, sweep } = aScheduler(interval);
    scheduler.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(earliest * 1000 - 1);
    expect(sweep).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync((latest - earliest) * 1000 + 1);
    expect(sweep).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(interval * 1.1 * 1000);
    expect(sweep).toHaveBeenCalledTimes(2);
    await scheduler.onModuleDestroy();
  });

  it('of 0 s is off', () => {
    aScheduler(0).scheduler.onApplicationBootstrap();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('never sweeps twice at once, however long a sweep takes', async () => {
    const { scheduler, sweep } = aScheduler(
      10,
      vi.fn<(stopping: AbortSignal) => Promise<null>>(() => new Promise(() => undefined)),
    );
    scheduler.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(sweep).toHaveBeenCalledTimes(1);
  });

  it('asks nothing any more when the service stops', async () => {
    const { scheduler, sweep } = aScheduler(10);
    scheduler.onApplicationBootstrap();
    await scheduler.onModuleDestroy();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(sweep).not.toHaveBeenCalled();
  });

  it('tells a sweep under way to stop when the service does, and waits for it', async () => {
    let finish = () => {};
    const sweep = vi.fn<(stopping: AbortSignal) => Promise<null>>(
      () => new Promise((resolve) => (finish = () => resolve(null))),
    );
    const { scheduler } = aScheduler(10, sweep);
    void scheduler.sweep();
    const stopped = vi.fn<() => void>();
    const stopping = scheduler.onModuleDestroy().then(stopped);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sweep.mock.calls[0]![0].aborted).toBe(true);
    expect(stopped).not.toHaveBeenCalled();
    finish();
    await stopping;
    expect(stopped).toHaveBeenCalledOnce();
  });

  it('keeps no process alive', () => {
    vi.useRealTimers();
    const setTimer = vi.spyOn(globalThis, 'setTimeout');
    const { scheduler } = aScheduler(600);
    scheduler.onApplicationBootstrap();
    const timer = setTimer.mock.results[0]!.value as NodeJS.Timeout;
    expect(timer.hasRef()).toBe(false);
    clearTimeout(timer);
  });
});
