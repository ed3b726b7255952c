import { describe, expect, it } from 'vitest';
import { newWordHash } from './word-hash.js';

describe('a hash of words', () => {
  it('is another one in each set, so that no ids can be chosen to collide', () => {
    const key = Uint32Array.of(1, 2, 3, 4);
    expect(new Set(Array.from({ length: 8 }, () => newWordHash()(key, 0))).size).toBeGreaterThan(6);
  });

  it('depends on every bit of the four words, and on no other', () => {
    const hash = newWordHash();
    const words = Uint32Array.of(0, 1, 2, 3, 4, 0);
    const before = hash(words, 1);
    for (let bit = 0; bit < 32 * words.length; bit++) {
      const changed = words.slice();
      changed[bit >>> 5]! ^= 1 << (bit & 31);
      const isOfTheKey = bit >= 32 && bit < 32 * 5;
      expect(hash(changed, 1) !== before).toBe(isOfTheKey);
    }
  });

  it('spreads ids that differ in a counter only', () => {
    const hash = newWordHash();
    const buckets = new Uint32Array(256);
    for (let i = 0; i < 25_600; i++) buckets[hash(Uint32Array.of(7, 7, 7, i), 0) >>> 24]!++;
    expect(Math.max(...buckets)).toBeLessThan(300);
  });
});
