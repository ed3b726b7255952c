import { firstSeen } from './first-seen.mjs';
import { followers } from './followers.mjs';
import { guard } from './guard.mjs';
import { latency } from './latency.mjs';
import { login } from './login.mjs';
import { refresh } from './refresh.mjs';
import { set } from './set.mjs';
import { start } from './start.mjs';

/**
 * @typedef {object} Question
 * @property {string} name on the command line
 * @property {string} asks
 * @property {boolean} isPinned whether the server has a core of its own, where that is possible; otherwise all processes share all
 * @property {(bench: import('../support/stage.mjs').Bench) => Promise<import('../support/outcome.mjs').Outcome>} measure
 */

/** @type {readonly Question[]} */
export const questions = [guard, firstSeen, login, refresh, latency, followers, set, start];
