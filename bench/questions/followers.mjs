import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchange } from '../support/http-client.mjs';
import { interleave } from '../support/interleave.mjs';
import { compare } from '../support/outcome.mjs';
import { Stage } from '../support/stage.mjs';
import { openFeed } from './feed-client.mjs';

const FOLLOWERS = 1_000;
const CONNECTIONS = 50;
const TOKENS = 100;
/** With and without followers alike: each is told to every one of them. */
const REVOCATIONS_PER_SECOND = 10;
const POLL_MS = 20;

/** @type {import('./index.mjs').Question} */
export const followers = {
  name: 'followers',
  isPinned: true,
  asks: `What do ${FOLLOWERS} followers of the outer feed cost the guarded route of their instance?`,

  async measure(bench) {
    const stage = await Stage.open(bench);
    const service = await stage.startService();
    const feed = await openFeed(stage, service.url);
    if (feed === null) return { sides: [], targets: [], notes: ['Skipped: this build has no GET /revocations.'] };
    const load = stage.startLoad();
    const crowd = stage.startLoad('load/followers.mjs');
    const guarded = (seconds) =>
      whileRevoking(stage, service, seconds, () => loadSecret(stage, load, service, seconds));
    const sides = [
      { name: 'without followers', run: guarded },
      { name: `with ${FOLLOWERS}`, run: (seconds) => withFollowers(crowd, service, feed, () => guarded(seconds)) },
    ];
    const runs = await interleave(sides, { ...bench.timing, log: bench.log });
    const [{ name: against }, { name: of }] = sides;
    return compare(sides, runs, [{ name: 'with followers / without', of, against, atLeast: 0.8 }]);
  },
};

function loadSecret(stage, load, { url, pid }, seconds) {
  return load.ask('load', {
    kind: 'tokens',
    url: `${url}/secret`,
    connections: CONNECTIONS,
    tokens: stage.mint(TOKENS),
    seconds,
    serverPid: pid,
  });
}

/** Connects them, works, and lets go of them. @throws Error when the service has let go of one before. */
async function withFollowers(crowd, { url }, feed, work) {
  await crowd.ask('connect', { feed: await feed(), count: FOLLOWERS });
  const result = await work();
  const { lost, bytes } = await crowd.ask('disconnect');
  if (lost > 0) throw new Error(`${lost} followers were cut off, as by an instance that is not in sync`);
  if (bytes === 0) throw new Error('the followers were told nothing');
  // The end of a thousand connections is work too, and none of the next run.
  while (await hasFollowers(url)) await sleep(POLL_MS);
  return result;
}

async function hasFollowers(url) {
  const { text } = await exchange(`${url}/metrics`);
  return /^recant_feed_followers [1-9]/m.test(text);
}

/** Works while tokens are revoked, a few each second. */
async function whileRevoking(stage, { url }, seconds, work) {
  const tokens = stage.mint(Math.ceil(seconds * REVOCATIONS_PER_SECOND));
  const agent = new Agent({ keepAlive: true });
  const timer = setInterval(() => {
    const token = tokens.pop();
    // One that fails changes the load a little, and no answer.
    if (token) exchange(`${url}/logout/access`, { agent, method: 'POST', token }).catch(() => undefined);
  }, 1000 / REVOCATIONS_PER_SECOND);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    agent.destroy();
  }
}
