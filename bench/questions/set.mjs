import { withCleanup } from '../support/cleanup.mjs';
import { percentiles, rounded, roundedEach } from '../support/statistics.mjs';
import { target } from '../support/outcome.mjs';
import { startService } from '../support/service.mjs';
import { Stage } from '../support/stage.mjs';
import { figuresOf } from './script.mjs';

const RECORDS = 1_000_000;
const AT_MOST_BYTES = 64;
const AT_MOST_MS = 3_000;
/** Of each kind; a start takes as long as it takes, whatever --seconds says. */
const MAX_STARTS = 3;

/** @type {import('./index.mjs').Question} */
export const set = {
  name: 'set',
  isPinned: false,
  asks: 'How much memory does each of a million revocations take, and how long does a start take to load them?',

  async measure(bench) {
    const figures = await figuresOf('measure-revocation-set.mjs', {
      nodeArgs: ['--expose-gc'],
      cleanup: bench.cleanup,
    });
    const [without, withRecords] = await starts(bench);
    const loadingMs = percentiles(withRecords).p50 - percentiles(without).p50;
    return {
      sides: [
        { name: 'start without revocations', ...startsOf(without) },
        { name: 'start with a million', ...startsOf(withRecords) },
        { name: 'in the set alone: applied', perSecond: rounded((1000 * RECORDS) / figures.load_ms, 0) },
      ],
      targets: [
        target('bytes for each record', figures.bytes_per_record, 'B', { atMost: AT_MOST_BYTES }),
        target('loading a million', loadingMs, 'ms', { atMost: AT_MOST_MS }),
      ],
      notes: [],
    };
  },
};

/** Milliseconds until a service is ready, on a database without and on one with a million; in turn. */
async function starts(bench) {
  const stages = [await Stage.open(bench), await Stage.open(bench, { revocations: RECORDS })];
  const times = [[], []];
  for (let round = 0; round < Math.min(MAX_STARTS, bench.timing.rounds); round++) {
    for (const [i, { variables, cwd }] of stages.entries()) {
      times[i][round] = await withCleanup(async (cleanup) => (await startService({ variables, cwd, cleanup })).readyMs);
    }
    bench.log(`start ${round + 1}: ${times.map((of) => Math.round(of[round])).join(' and ')} ms`);
  }
  return times;
}

function startsOf(times) {
  return { count: times.length, ...roundedEach(percentiles(times), 0) };
}
