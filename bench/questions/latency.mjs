import { joined, percentiles, rounded, roundedEach } from '../support/statistics.mjs';
import { target } from '../support/outcome.mjs';
import { Stage } from '../support/stage.mjs';
import { openFeed } from './feed-client.mjs';

const INSTANCES = 3;
/** On the guarded route of each of them, all the while. */
const REQUESTS_PER_SECOND = 1_000;
const TOKENS = 100;
/** More than can be tried in a second. */
const TRIALS_PER_SECOND = 500;
const AT_MOST_MS = 20;

/** @type {import('./index.mjs').Question} */
export const latency = {
  name: 'latency',
  isPinned: false,
  asks: 'How long after the 200 of a logout do the other instances, and a follower, refuse the token, under load?',

  async measure(bench) {
    const stage = await Stage.open(bench);
    const services = await Promise.all(Array.from({ length: INSTANCES }, () => stage.startService()));
    const urls = services.map(({ url }) => url);
    const feed = await openFeed(stage, urls[1]);
    const pacing = await startPacing(stage, urls);
    const runs = await probeInRounds(bench, proberOf(stage, urls, feed));
    return outcomeOf(runs, await pacing.ask('stop'), feed !== null);
  },
};

async function startPacing(stage, urls) {
  const pacing = stage.startLoad('load/paced.mjs');
  await pacing.ask('start', {
    urls: urls.map((url) => `${url}/secret`),
    tokens: stage.mint(TOKENS),
    perSecond: REQUESTS_PER_SECOND,
  });
  return pacing;
}

/** @returns {(seconds: number) => Promise<Float64Array[]>} what came of revoking for so long, for each who watched */
function proberOf(stage, [revokeAt, ...watched], feed) {
  const probing = stage.startLoad('load/probe.mjs');
  return async (seconds) =>
    probing.ask('probe', {
      revokeAt,
      watched,
      feed: feed && (await feed()),
      tokens: stage.mint(Math.ceil(seconds * TRIALS_PER_SECOND)),
      seconds,
    });
}

async function probeInRounds({ timing: { seconds, rounds, warmUpSeconds }, log }, probe) {
  await probe(warmUpSeconds);
  const runs = [];
  for (let round = 0; round < rounds; round++) {
    runs.push(await probe(seconds));
    log(`round ${round + 1}: ${runs.at(-1)[0].length} revocations`);
  }
  return runs;
}

/** @param {Float64Array[][]} runs @param {object} load what the steady load came to */
function outcomeOf(runs, load, hasFeed) {
  const instances = joined(runs.flatMap((run) => run.slice(0, INSTANCES - 1)));
  const followers = hasFeed ? joined(runs.map((run) => run[INSTANCES - 1])) : null;
  const { done, failed, missed, seconds, generatorBusy } = load;
  const asked = INSTANCES * REQUESTS_PER_SECOND * seconds;
  return {
    sides: [
      sideOf('other instances', instances),
      ...(followers ? [sideOf('follower', followers)] : []),
      { name: 'guarded, meanwhile', perSecond: rounded(done / seconds), generatorBusy: rounded(generatorBusy, 2) },
    ],
    targets: [
      target('other instances, p99', percentiles(instances).p99, 'ms', { atMost: AT_MOST_MS }),
      ...(followers ? [target('follower, p99', percentiles(followers).p99, 'ms', { atMost: AT_MOST_MS })] : []),
    ],
    notes: [
      ...(hasFeed ? [] : ['follower: skipped, as this build has no GET /revocations.']),
      ...(failed > 0 ? [`${failed} of the requests that made the load were not answered with 200.`] : []),
      ...(missed > asked / 100
        ? [`${missed} requests of the load were not sent: the instances were too slow for it.`]
        : []),
    ],
  };
}

function sideOf(name, latencies) {
  return { name, count: latencies.length, ...roundedEach(percentiles(latencies), 2) };
}
