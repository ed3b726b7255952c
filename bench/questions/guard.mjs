import { interleave } from '../support/interleave.mjs';
import { compare } from '../support/outcome.mjs';
import { Stage } from '../support/stage.mjs';
import { answerOf, expectSameAnswer, expectSameBody, plainOptions } from './secret-answer.mjs';
import { startUsualGuard } from './usual-guard.mjs';

const CONNECTIONS = 50;
const REVOCATIONS = 100_000;
/** Presented in turn by every connection: what a service sees whose users send several requests while a token lives. */
const TOKENS = 100;

/** @type {import('./index.mjs').Question} */
export const guard = {
  name: 'guard',
  isPinned: true,
  asks: 'How fast is a guarded route, beside plain node:http with the same answer, itself unguarded, and the usual guard?',

  async measure(bench) {
    const stage = await Stage.open(bench, { revocations: REVOCATIONS });
    const servers = await startServers(stage);
    const load = stage.startLoad();
    const sides = Object.entries(servers).map(([name, { url, pid }]) => ({
      name,
      run: (seconds) =>
        load.ask('load', {
          kind: 'tokens',
          url: `${url}/secret`,
          connections: CONNECTIONS,
          tokens: stage.mint(TOKENS),
          seconds,
          serverPid: pid,
        }),
    }));
    const runs = await interleave(sides, { ...bench.timing, log: bench.log });
    return compare(sides, runs, [
      { name: 'guarded / plain node:http', of: 'guarded', against: 'plain node:http', atLeast: 0.5 },
      { name: 'guarded / unguarded', of: 'guarded', against: 'unguarded', atLeast: 0.85 },
      { name: 'guarded / usual guard', of: 'guarded', against: 'usual guard', atLeast: 10 },
    ]);
  },
};

/** @param {Stage} stage */
async function startServers(stage) {
  const guarded = await stage.startService();
  const unguarded = await stage.startServiceOf('peers/unguarded.mjs');
  const usual = await startUsualGuard(stage, guarded.url, REVOCATIONS);
  const [token] = stage.mint(1);
  const answer = await answerOf(guarded.url, token);
  const plain = await stage.startPeer('peers/plain-http.mjs', plainOptions(answer));
  expectSameAnswer(await answerOf(plain.url, token), answer);
  expectSameAnswer(await answerOf(unguarded.url), answer);
  expectSameBody(await answerOf(usual.url, token), answer);
  return { 'plain node:http': plain, guarded, unguarded, 'usual guard': usual };
}
