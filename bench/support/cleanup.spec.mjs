import { describe, expect, it, vi } from 'vitest';
import { Cleanup, withCleanup } from './cleanup.mjs';

describe('a cleanup', () => {
  it('undoes the last first, each once, and goes on when one fails', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const undone = [];
    const cleanup = new Cleanup();
    cleanup.add(() => undone.push('first'));
    cleanup.add(() => {
      throw new Error('stuck');
    });
    cleanup.add(async () => undone.push('last'));
    await Promise.all([cleanup.run(), cleanup.run()]);
    expect(undone).toEqual(['last', 'first']);
    expect(said).toHaveBeenCalledExactlyOnceWith('not undone: stuck');
    said.mockRestore();
  });

  it('also undoes what is added when it is over', async () => {
    const cleanup = new Cleanup();
    await cleanup.run();
    const late = vi.fn();
    cleanup.add(late);
    await cleanup.run();
    expect(late).toHaveBeenCalledOnce();
  });

  it('is done when the work has failed, whose error comes through', async () => {
    const undo = vi.fn();
    const work = withCleanup(async (cleanup) => {
      cleanup.add(undo);
      throw new Error('broken');
    });
    await expect(work).rejects.toThrow('broken');
    expect(undo).toHaveBeenCalledOnce();
  });
});
