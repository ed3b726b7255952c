import { interleave } from '../support/interleave.mjs';
import { compare } from '../support/outcome.mjs';
import { Stage } from '../support/stage.mjs';
import { startUsualGuard } from './usual-guard.mjs';

const CONNECTIONS = 50;
const REVOCATIONS = 100_000;
/** Tokens for each second of a run: more than a core can verify. Where they run out all the same, the run ends there. */
const TOKENS_PER_SECOND = { guarded: 12_000, usual: 5_000 };

/** @type {import('./index.mjs').Question} */
export const firstSeen = {
  name: 'first-seen',
  isPinned: true,
  asks: 'How fast is a guarded route when no token comes twice, beside the usual guard?',

  async measure(bench) {
    const stage = await Stage.open(bench, { revocations: REVOCATIONS });
    const guarded = await stage.startService();
    const usual = await startUsualGuard(stage, guarded.url, REVOCATIONS);
    const load = stage.startLoad();
    const side = (name, { url, pid }, tokensPerSecond) => ({
      name,
      run: (seconds) =>
        load.ask('load', {
          kind: 'freshTokens',
          url: `${url}/secret`,
          connections: CONNECTIONS,
          tokens: stage.mint(Math.ceil(seconds * tokensPerSecond)),
          seconds,
          serverPid: pid,
        }),
    });
    const sides = [
      side('guarded', guarded, TOKENS_PER_SECOND.guarded),
      side('usual guard', usual, TOKENS_PER_SECOND.usual),
    ];
    const runs = await interleave(sides, { ...bench.timing, log: bench.log });
    return compare(sides, runs, [{ name: 'first seen: guarded / usual guard', of: 'guarded', against: 'usual guard' }]);
  },
};
