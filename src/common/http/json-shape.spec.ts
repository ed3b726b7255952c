import { describe, expect, it } from 'vitest';
import { membersIn, shapeOf } from './json-shape.js';

describe('the depth of a JSON text', () => {
  it.each([
    ['{"a":[1]}', 2],
    ['[[],[],[]]', 2],
    ['{"a":"[[[["}', 1],
    ['{"a":"\\"[[[["}', 1],
    ['{"a":"\\\\","b":[[]]}', 3],
    ['[[[[[[', 6],
    ['', 0],
  ])('of %s is %i', (json, depth) => {
    expect(shapeOf(json).depth).toBe(depth);
  });
});

describe('the members of a JSON text', () => {
  it.each([
    ['{"a":1,"a":2}', 2, 1],
    ['{"a":1,"\\u0061":2}', 2, 1],
    ['{"a":{"b":1,"b":1},"c":2}', 4, 3],
    ['[{"a":1},{"a":2}]', 2, 2],
    ['{"a":{"a":{"a":":"}}}', 3, 3],
    ['{"a:b":"c:\\":d"}', 1, 1],
    ['{}', 0, 0],
    ['1', 0, 0],
  ])('of %s are %i, and in its value %i', (json, written, kept) => {
    expect(shapeOf(json).members).toBe(written);
    expect(membersIn(JSON.parse(json))).toBe(kept);
  });
});
