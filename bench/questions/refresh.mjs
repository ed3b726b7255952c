import { interleave } from '../support/interleave.mjs';
import { compare } from '../support/outcome.mjs';
import { Stage } from '../support/stage.mjs';
import { logIn, makeAccounts } from './accounts.mjs';

const AT_ONCE = 16;

/** @type {import('./index.mjs').Question} */
export const refresh = {
  name: 'refresh',
  isPinned: false,
  asks: 'How many refreshes are done, beside a bare UPDATE of one row through pg, as many at once?',

  async measure(bench) {
    const stage = await Stage.open(bench, { variables: { RATE_LIMIT_ENABLED: 'false' } });
    const service = await stage.startService();
    const { usernames } = await makeAccounts(service.url, stage.databaseUrl, AT_ONCE);
    const load = stage.startLoad();
    const bare = stage.startBarePeer('peers/bare-update.mjs');
    await bare.ask('open', { databaseUrl: stage.databaseUrl, rows: AT_ONCE });
    const sides = [
      { name: 'refresh', run: (seconds) => refreshes(load, service, usernames, seconds) },
      { name: 'bare UPDATE', run: (seconds) => bare.ask('update', { seconds, concurrency: AT_ONCE }) },
    ];
    const runs = await interleave(sides, { ...bench.timing, log: bench.log });
    return compare(sides, runs, [
      { name: 'refresh / bare UPDATE', of: 'refresh', against: 'bare UPDATE', atLeast: 0.4 },
    ]);
  },
};

/** Each run in sessions of its own: the last answers of the one before were lost, and with them the chains. */
async function refreshes(load, { url, pid }, usernames, seconds) {
  const pairs = await Promise.all(usernames.map((username) => logIn(url, username)));
  return load.ask('load', {
    kind: 'chains',
    url: `${url}/token/refresh`,
    method: 'POST',
    connections: AT_ONCE,
    tokens: pairs.map(({ refresh_token: token }) => token),
    seconds,
    serverPid: pid,
  });
}
