import { describe, expect, it } from 'vitest';
import { coresOf } from './cores.mjs';

describe('a list of cores', () => {
  it.each([
    ['0', null],
    ['0,1', { server: '0', load: '1', database: '1', all: '0,1' }],
    ['2-4,8', { server: '2', load: '3', database: '4,8', all: '2-4,8' }],
  ])('%s is shared out as %o', (list, expected) => {
    expect(coresOf(list)).toEqual(expected);
  });
});
