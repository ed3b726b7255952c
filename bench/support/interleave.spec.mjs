import { describe, expect, it } from 'vitest';
import { capacityOf, interleave, isGeneratorBound, summaryOf } from './interleave.mjs';

const aRun = (changes = {}) => ({
  latencies: Float64Array.of(1, 2, 3, 4),
  seconds: 2,
  failed: 0,
  errors: 0,
  ...changes,
});
const timing = { rounds: 3, seconds: 2, warmUpSeconds: 1, log: () => undefined };

describe('interleave', () => {
  it('warms up each side, and lets them take turns there and back', async () => {
    const calls = [];
    const side = (name) => ({
      name,
      run: async (seconds) => {
        calls.push(`${name}${seconds}`);
        return aRun();
      },
    });
    const runs = await interleave([side('a'), side('b')], timing);
    expect(calls).toEqual(['a1', 'b1', 'a2', 'b2', 'b2', 'a2', 'a2', 'b2']);
    expect(runs.map(({ length }) => length)).toEqual([3, 3]);
  });

  it.each([
    [{ failed: 1 }, /a: 1 requests were refused/],
    [{ errors: 1 }, /a: 0 requests were refused, 1 not answered/],
    [{ latencies: Float64Array.of() }, /a: nothing was done/],
  ])('has no figure for a run with %o', async (changes, message) => {
    await expect(interleave([{ name: 'a', run: async () => aRun(changes) }], timing)).rejects.toThrow(message);
  });
});

describe('a run', () => {
  it('whose generator had no time left is told by what the server did with its own', () => {
    const bound = aRun({ generatorBusy: 0.99, serverBusy: 0.5 });
    expect(isGeneratorBound(bound)).toBe(true);
    expect(capacityOf(bound)).toBe(4);
    expect(summaryOf('a', [bound, aRun()])).toMatchObject({ perSecond: 2, isGeneratorBound: true, p50: 2, p99: 4 });
  });

  it.each([
    { generatorBusy: 0.9, serverBusy: 0.5 },
    { generatorBusy: 0.99, serverBusy: 0.97 },
    { generatorBusy: 0.99, serverBusy: null },
    {},
  ])('with %o is taken as it is', (shares) => {
    expect(capacityOf(aRun(shares))).toBe(2);
  });
});
