// How long until the first answer of 200? The very first start, which makes the database, and warm ones after it, with the
// embedded PostgreSQL, of the process that `npm start` runs (npm itself takes some 0.3 s more). `npm run measure:start` prints milliseconds; quiet machines only.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PORT = 3999;
const WARM_STARTS = 5;
/** Between two looks at the port; the error of each figure. */
const POLL_MS = 5;

const dataDir = mkdtempSync(join(tmpdir(), 'recant-start-'));

async function measure() {
  const begun = performance.now();
  const child = spawn(process.execPath, ['dist/main.js'], {
    env: { ...process.env, PORT: String(PORT), DATA_DIR: dataDir, UV_THREADPOOL_SIZE: '16', DATABASE_URL: '' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  while (!(await answers())) {
    if (child.exitCode !== null) throw new Error(`the service ended with code ${child.exitCode}`);
    await sleep(POLL_MS);
  }
  const elapsedMs = performance.now() - begun;
  child.kill('SIGTERM');
  await ended;
  return Math.round(elapsedMs);
}

async function answers() {
  return fetch(`http://127.0.0.1:${PORT}/health/ready`).then(
    (response) => response.ok,
    () => false,
  );
}

try {
  const first = await measure();
  const warm = [];
  for (let i = 0; i < WARM_STARTS; i++) warm.push(await measure());
  const median = warm.toSorted((a, b) => a - b)[Math.floor(WARM_STARTS / 2)];
  console.log(
    `first start ${first} ms (asked: 6000), warm start ${median} ms (asked: 2000), median of ${warm.join(', ')}`,
  );
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
