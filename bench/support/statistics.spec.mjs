import { describe, expect, it } from 'vitest';
import { joined, median, percentiles, ratio } from './statistics.mjs';

describe('percentiles', () => {
  it('are values that were measured, by their numbers and not by their digits', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(percentiles(values)).toEqual({ p50: 50, p95: 95, p99: 99 });
    expect(percentiles([9, 10, 100])).toEqual({ p50: 10, p95: 100, p99: 100 });
  });

  it('of one value are that value, and of none are null', () => {
    expect(percentiles([7])).toEqual({ p50: 7, p95: 7, p99: 7 });
    expect(percentiles([])).toEqual({ p50: null, p95: null, p99: null });
  });
});

describe('ratio', () => {
  it('is taken round by round, so that a slow round of both sides changes nothing', () => {
    expect(ratio([100, 10, 120], [200, 20, 200])).toEqual({ value: 0.5, range: [0.5, 0.6] });
  });
});

describe('median', () => {
  it('of an even number is the lower one in the middle', () => {
    expect(median([4, 1, 3, 2])).toBe(2);
  });
});

describe('joined', () => {
  it('keeps every value of every list', () => {
    expect([...joined([Float64Array.of(1, 2), Float64Array.of(), Float64Array.of(3)])]).toEqual([1, 2, 3]);
  });
});
