import { availableParallelism } from 'node:os';
import { interleave } from '../support/interleave.mjs';
import { compare } from '../support/outcome.mjs';
import { Stage } from '../support/stage.mjs';
import { makeAccounts, PASSWORD } from './accounts.mjs';

/** More than are hashed at once, so that one is always waiting for a core. */
const AT_ONCE = 4 * availableParallelism();
/** Enough that no user reaches the limit of its sessions. */
const USERS = 2_000;

/** @type {import('./index.mjs').Question} */
export const login = {
  name: 'login',
  isPinned: false,
  asks: 'How many logins are done, beside bare argon2 with the same parameters on the same cores?',

  async measure(bench) {
    // One address logs in here, more often than one person would. On any core: a login's work is in libuv's threads.
    const stage = await Stage.open(bench, { variables: { RATE_LIMIT_ENABLED: 'false' } });
    const service = await stage.startService();
    const { usernames, hash } = await makeAccounts(service.url, stage.databaseUrl, USERS);
    const load = stage.startLoad();
    const bare = stage.startBarePeer('peers/bare-argon2.mjs');
    const sides = [
      {
        name: 'login',
        run: (seconds) =>
          load.ask('load', {
            kind: 'bodies',
            url: `${service.url}/login`,
            method: 'POST',
            connections: AT_ONCE,
            bodies: usernames.map((username) => ({ username, password: PASSWORD })),
            seconds,
            serverPid: service.pid,
          }),
      },
      {
        name: 'bare argon2',
        run: (seconds) => bare.ask('verify', { seconds, concurrency: AT_ONCE, hash, password: PASSWORD }),
      },
    ];
    const runs = await interleave(sides, { ...bench.timing, log: bench.log });
    return compare(sides, runs, [{ name: 'login / bare argon2', of: 'login', against: 'bare argon2', atLeast: 0.9 }]);
  },
};
