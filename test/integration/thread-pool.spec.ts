import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

// Real: the built file, as `npm start` has Node read it.
const PRELOAD = ['--require', './dist/thread-pool.cjs'];

async function threadsOf(variables: Record<string, string>): Promise<string> {
  const env = { PATH: process.env['PATH']!, ...variables };
  const args = [...PRELOAD, '--print', 'process.env.UV_THREADPOOL_SIZE'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return stdout.trim();
}

describe('the pool of threads', () => {
  it('has one for a hash on each core, and two more', async () => {
    expect(await threadsOf({})).toBe(String(availableParallelism() + 2));
  });

  it('is so too where the variable is there and empty', async () => {
    expect(await threadsOf({ UV_THREADPOOL_SIZE: '' })).toBe(String(availableParallelism() + 2));
  });

  it('is as large as an operator wants it', async () => {
    expect(await threadsOf({ UV_THREADPOOL_SIZE: '9' })).toBe('9');
  });

  it('is set by the start command, before the program is read', async () => {
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> };
    expect(scripts['start']).toBe(`node ${PRELOAD.join(' ')} dist/main.js`);
  });
});
