import { describe, expect, it } from 'vitest';
import { bearerToken } from './bearer-token.js';

describe('the token of a request', () => {
  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic abc', 'Token abc', 'Bearerabc', ' Bearer abc'])(
    'of the field `%s` is none',
    (authorization) => {
      expect(bearerToken({ headers: { authorization } })).toBe(null);
    },
  );

  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   abc', 'abc'],
    // Refused by the verifier, of which the A alone might not be.
    ['Bearer A B', 'A B'],
    ['Bearer A, Bearer B', 'A, Bearer B'],
  ])('of the field `%s` is `%s`', (authorization, token) => {
    expect(bearerToken({ headers: { authorization } })).toBe(token);
  });

  const twice = ['Authorization', 'Bearer a', 'Accept', '*/*', 'AUTHORIZATION', 'Bearer a'];
  it.each([
    ['Express', { rawHeaders: twice }],
    ['Fastify', { raw: { rawHeaders: twice } }],
  ])('counts for nothing in a field that comes twice, under %s', (_, fields) => {
    expect(bearerToken({ headers: { authorization: 'Bearer a' }, ...fields })).toBe('');
  });

  it('counts beside a field whose value is the name', () => {
    const rawHeaders = ['Authorization', 'Bearer a', 'X-Field', 'authorization'];
    expect(bearerToken({ headers: { authorization: 'Bearer a' }, rawHeaders })).toBe('a');
  });
});
