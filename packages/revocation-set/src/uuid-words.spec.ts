import { describe, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import { readUuid, UUID_WORDS } from './uuid-words.js';

const GOOD = '01234567-89ab-cdef-fedc-ba9876543210';

function wordsOf(text: string): Uint32Array {
  const words = new Uint32Array(UUID_WORDS);
  readUuid(text, words);
  return words;
}

describe('the words of a UUID', () => {
  it('are its digits, eight in each', () => {
    expect([...wordsOf(GOOD)]).toEqual([0x0123_4567, 0x89ab_cdef, 0xfedc_ba98, 0x7654_3210]);
  });

  it('tell the UUID', () => {
    for (let i = 0; i < 1000; i++) {
      const uuid = randomUUID();
      const digits = [...wordsOf(uuid)].map((word) => word.toString(16).padStart(8, '0')).join('');
      expect(digits).toBe(uuid.replaceAll('-', ''));
    }
  });

  it('are the same in upper case', () => {
    expect(wordsOf(GOOD.toUpperCase())).toEqual(wordsOf(GOOD));
  });

  it('refuses a text with another character at any place', () => {
    for (let at = 0; at < GOOD.length; at++) {
      for (const wrong of ['g', 'G', '/', ':', '@', '`', ' ', '\0', 'İ', '０', GOOD[at] === '-' ? '0' : '-']) {
        expect(() => wordsOf(GOOD.slice(0, at) + wrong + GOOD.slice(at + 1))).toThrow(RangeError);
      }
    }
  });

  it.each([
    ['nothing', ''],
    ['one digit less', GOOD.slice(1)],
    ['one digit more', `${GOOD}0`],
    ['no hyphens', GOOD.replaceAll('-', '')],
    ['braces', `{${GOOD}}`],
  ])('refuses %s', (_what, text) => {
    expect(() => wordsOf(text)).toThrow(RangeError);
  });
});
