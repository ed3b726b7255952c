// What a question answers.
import { capacityOf, isGeneratorBound, summaryOf } from './interleave.mjs';
import { ratio, rounded } from './statistics.mjs';

/**
 * @typedef {object} Outcome
 * @property {object[]} sides lines of the table of measurements
 * @property {Target[]} targets
 * @property {string[]} notes
 *
 * @typedef {object} Target
 * @property {string} name
 * @property {number} value
 * @property {[number, number]} [range] of the rounds
 * @property {string} unit
 * @property {{ atLeast: number } | { atMost: number } | null} asked null where nothing is
 * @property {boolean | null} isMet
 */

/** @returns {Target} */
export function target(name, value, unit, asked, range) {
  const digits = unit === 'ms' || unit === 'B' ? 1 : 3;
  return {
    name,
    value: rounded(value, digits),
    ...(range && { range: range.map((end) => rounded(end, digits)) }),
    unit,
    asked,
    isMet: asked === null ? null : isWithin(value, asked),
  };
}

export function isWithin(value, { atLeast = -Infinity, atMost = Infinity }) {
  return value >= atLeast && value <= atMost;
}

/**
 * The outcome of sides that were run in turn.
 *
 * @param {import('./interleave.mjs').Side[]} sides
 * @param {import('./interleave.mjs').Run[][]} runs
 * @param {{ name: string, of: string, against: string, atLeast?: number }[]} comparisons of sides, by their names
 * @returns {Outcome}
 */
export function compare(sides, runs, comparisons) {
  const capacities = new Map(sides.map(({ name }, i) => [name, runs[i].map(capacityOf)]));
  const bound = sides.filter((_, i) => runs[i].some(isGeneratorBound));
  return {
    sides: sides.map(({ name }, i) => summaryOf(name, runs[i])),
    targets: comparisons.map(({ name, of, against, atLeast }) => {
      const { value, range } = ratio(capacities.get(of), capacities.get(against));
      return target(name, value, 'times', atLeast === undefined ? null : { atLeast }, range);
    }),
    notes: bound.map(
      ({ name }) => `${name}: the load could not keep it busy; compared is what its processor time would allow.`,
    ),
  };
}
