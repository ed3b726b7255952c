// What is made of measured values. Nothing here measures or prints.

/**
 * The value that this share of the others does not exceed (nearest rank): one that was measured, none made up between two.
 *
 * @param {ArrayLike<number>} sorted in ascending order
 * @param {number} share 0.99 for p99
 * @returns {number | null} null when there are none
 */
export function percentile(sorted, share) {
  return sorted.length === 0 ? null : sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** @param {Iterable<number>} values in any order */
export function percentiles(values) {
  // Typed, so that they are sorted as numbers, and a million of them in a tenth of a second.
  const sorted = Float64Array.from(values).toSorted();
  return { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), p99: percentile(sorted, 0.99) };
}

/** Of an even number, the lower one of the two in the middle. @param {Iterable<number>} values */
export function median(values) {
  return percentiles(values).p50;
}

/** Several lists as one. @param {Float64Array[]} lists */
export function joined(lists) {
  const all = new Float64Array(lists.reduce((length, list) => length + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}

/** With so many digits behind the point, as a number. */
export function rounded(value, digits = 1) {
  return value === null ? null : Number(value.toFixed(digits));
}

/** Each of them. @param {Record<string, number | null>} values */
export function roundedEach(values, digits) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rounded(value, digits)]));
}

/**
 * How one side did against another, round by round: what disturbs a round disturbs both, so the quotient of one round says
 * more than that of two means. Answers the median, and the range.
 *
 * @param {number[]} rates of one side, by round
 * @param {number[]} otherRates of the other, of the same rounds
 */
export function ratio(rates, otherRates) {
  const ratios = rates.map((rate, round) => rate / otherRates[round]);
  return { value: median(ratios), range: [Math.min(...ratios), Math.max(...ratios)] };
}
