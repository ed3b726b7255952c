import { describe, expect, it } from 'vitest';
import { bearerToken } from './bearer-token.js';

describe('the token of a request', () => {
  it.each([
    [undefined, null],
    ['', null],
    ['Bearer', null],
    ['Bearer ', null],
    ['Basic abc', null],
    ['Token abc', null],
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   abc', 'abc'],
    // The whole rest: of this one, refused as malformed, passport-jwt's own extractor would take the A.
    ['Bearer A B', 'A B'],
  ])('of `%s` is %s', (authorization, token) => {
    expect(bearerToken({ headers: { authorization } })).toBe(token);
  });
});
