import { target } from '../support/outcome.mjs';
import { figuresOf } from './script.mjs';

const AT_MOST_MS = 2_000;

/** @type {import('./index.mjs').Question} */
export const start = {
  name: 'start',
  isPinned: false,
  asks: 'How long does a warm start take to its first answer, embedded PostgreSQL included?',

  async measure(bench) {
    const {
      first_ms: firstMs,
      warm_ms: warmMs,
      warm_starts_ms: all,
    } = await figuresOf('measure-start.mjs', {
      cleanup: bench.cleanup,
    });
    return {
      sides: [
        { name: 'first start, which makes the database', count: 1, p50: firstMs },
        { name: 'warm start', count: all.length, p50: warmMs, p99: Math.max(...all) },
      ],
      targets: [target('warm start', warmMs, 'ms', { atMost: AT_MOST_MS })],
      notes: [],
    };
  },
};
