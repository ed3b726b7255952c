// How long until the first answer of 200? The very first start, which makes the database, and warm ones after it, with the
// embedded PostgreSQL, of the process that `npm start` runs (npm itself takes some 0.3 s more). `npm run measure:start`
// prints milliseconds, and a line of JSON; quiet machines only.
import { cleanUpOnSignals, withCleanup } from '../bench/support/cleanup.mjs';
import { machine } from '../bench/support/machine.mjs';
import { startService } from '../bench/support/service.mjs';
import { median } from '../bench/support/statistics.mjs';
import { temporaryFolder } from '../bench/support/temporary-folder.mjs';

const WARM_STARTS = 5;

function measure(dataDir) {
  const variables = { PORT: '0', DATA_DIR: dataDir };
  return withCleanup(async (cleanup) => {
    const { readyMs } = await startService({ variables, cwd: dataDir, cleanup });
    return Math.round(readyMs);
  });
}

cleanUpOnSignals();
await withCleanup(async (cleanup) => {
  const dataDir = temporaryFolder(cleanup);
  const first = await measure(dataDir);
  const warm = [];
  for (let i = 0; i < WARM_STARTS; i++) warm.push(await measure(dataDir));
  console.log(
    `first start ${first} ms (asked: 6000), warm start ${median(warm)} ms (asked: 2000), median of ${warm.join(', ')}`,
  );
  console.log(JSON.stringify({ first_ms: first, warm_ms: median(warm), warm_starts_ms: warm, ...machine() }));
});
