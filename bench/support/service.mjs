// Recant as it runs in production: the built service in a process of its own, over a database that is there.
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NodeProcess } from './processes.mjs';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');
/** As `npm start` and the image start it: with as many threads for hashing. */
export const NODE_ARGS = ['--require', resolve(import.meta.dirname, '../../dist/thread-pool.cjs')];
/** Between two looks at whether it is ready; the error of that time. */
const POLL_MS = 2;

/** What production demands, and nothing else. */
export function productionVariables(databaseUrl) {
  return {
    NODE_ENV: 'production',
    PORT: '0',
    DATABASE_URL: databaseUrl,
    ENCRYPTION_SECRET: randomBytes(32).toString('base64'),
    ISSUER: 'https://recant.example',
  };
}

/**
 * Starts it and waits until it is ready.
 *
 * @param {{ variables: Record<string, string>, cleanup: import('./cleanup.mjs').Cleanup, cwd: string, cores?: string,
 *   script?: string }} options `cwd` has no `.env` file
 * @returns {Promise<{ url: string, pid: number, readyMs: number, stop: () => Promise<void> }>}
 */
export async function startService({ variables, cleanup, cwd, cores, script = MAIN }) {
  const begun = performance.now();
  const child = new NodeProcess(script, { env: variables, nodeArgs: NODE_ARGS, cleanup, cwd, cores });
  const url = await child.printed(/(http:\/\/127\.0\.0\.1:\d+)/);
  while (!(await isReady(url))) await sleep(POLL_MS);
  return { url, pid: child.pid, readyMs: performance.now() - begun, stop: () => child.stop() };
}

async function isReady(url) {
  const { ok } = await fetch(`${url}/health/ready`);
  return ok;
}
