import { describe, expect, it } from 'vitest';
import { isNestedDeeperThan } from './json-depth.js';

describe('the depth of a JSON text', () => {
  it.each([
    ['{"a":[1]}', 1, true],
    ['{"a":[1]}', 2, false],
    ['[[],[],[]]', 2, false],
    ['{"a":"[[[["}', 1, false],
    ['{"a":"\\"[[[["}', 1, false],
    ['{"a":"\\\\","b":[[]]}', 2, true],
    ['[[[[[[', 5, true],
    ['', 0, false],
  ])('of %s is more than %i: %s', (json, limit, isDeeper) => {
    expect(isNestedDeeperThan(limit, json)).toBe(isDeeper);
  });
});
