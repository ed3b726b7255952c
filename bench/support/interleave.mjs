// Two sides or more, each for the same time, again and again, so that what else the machine does meets all of them alike.
import { joined, median, percentiles, rounded, roundedEach } from './statistics.mjs';

/** Busier than this, a process has no time left. */
const SATURATED = 0.95;

/**
 * What came of running one side once.
 *
 * @typedef {object} Run
 * @property {Float64Array} latencies in milliseconds, one for each thing done
 * @property {number} seconds
 * @property {number} failed answers that were not 200
 * @property {number} errors of connections
 * @property {number | null} [serverBusy] the share of one core that it used
 * @property {number | null} [generatorBusy] likewise
 *
 * @typedef {{ name: string, run: (seconds: number) => Promise<Run> }} Side
 */

/**
 * Runs the sides in turn: there and back, so that none always comes after the same other one.
 *
 * @param {Side[]} sides
 * @param {{ rounds: number, seconds: number, warmUpSeconds: number, log: (line: string) => void }} options
 * @returns {Promise<Run[][]>} the runs of each side, by round
 */
export async function interleave(sides, { rounds, seconds, warmUpSeconds, log }) {
  for (const side of sides) await checked(side, warmUpSeconds);
  const runs = sides.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? sides : sides.toReversed();
    for (const side of order) runs[sides.indexOf(side)][round] = await checked(side, seconds);
    log(
      `round ${round + 1}: ${sides.map(({ name }, i) => `${name} ${rounded(rateOf(runs[i][round]), 0)}/s`).join(', ')}`,
    );
  }
  return runs;
}

/** A load of refusals says nothing about the route. */
async function checked({ name, run }, seconds) {
  const result = await run(seconds);
  const { failed, errors, latencies } = result;
  if (failed + errors > 0) throw new Error(`${name}: ${failed} requests were refused, ${errors} not answered`);
  if (latencies.length === 0) throw new Error(`${name}: nothing was done in ${seconds} s`);
  return result;
}

/** What was done in a second. @param {Run} run */
export function rateOf({ latencies, seconds }) {
  return latencies.length / seconds;
}

/** Whether more was not asked for, rather than not done. @param {Run} run */
export function isGeneratorBound({ generatorBusy, serverBusy }) {
  return generatorBusy >= SATURATED && serverBusy !== null && serverBusy < SATURATED;
}

/**
 * What would be done in a second if enough were asked for. Of a server that was waiting for its load it is told from the
 * processor time of one request, which is longer then than under full load, when more is done at each waking.
 *
 * @param {Run} run
 */
export function capacityOf(run) {
  return isGeneratorBound(run) ? rateOf(run) / run.serverBusy : rateOf(run);
}

/** A line of the table. @param {string} name @param {Run[]} runs */
export function summaryOf(name, runs) {
  return {
    name,
    perSecond: rounded(median(runs.map(rateOf))),
    ...roundedEach(percentiles(joined(runs.map(({ latencies }) => latencies))), 3),
    serverBusy: share(runs, 'serverBusy'),
    generatorBusy: share(runs, 'generatorBusy'),
    isGeneratorBound: runs.some(isGeneratorBound),
  };
}

function share(runs, name) {
  const known = runs.map((run) => run[name]).filter((value) => typeof value === 'number');
  return known.length === 0 ? null : rounded(median(known), 2);
}
