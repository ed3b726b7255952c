import { describe, expect, it } from 'vitest';
import { readJoseHeader } from './jose-header.js';

const encode = (value: string) => Buffer.from(value).toString('base64url');
const aToken = (header: string) => `${encode(header)}.${encode('{}')}.${encode('signature!')}`;
const GOOD = '{"alg":"ES256","kid":"k1","typ":"at+jwt"}';

describe('the header of a token', () => {
  it.each([
    ['nothing', ''],
    ['two segments', 'a.b'],
    ['four segments', 'aa.bb.cc.dd'],
    ['white space', ` ${aToken(GOOD)}`],
    ['padding', `${aToken(GOOD)}=`],
    ['a last character with bits to spare', aToken(GOOD).replace(/.$/, 'B')],
    ['a header that is no JSON', aToken('{')],
    ['a header that is a list', aToken('[]')],
    ['a header that is null', aToken('null')],
    ['no kid', aToken('{"alg":"ES256","typ":"at+jwt"}')],
    ['a kid that is a number', aToken('{"alg":"ES256","kid":1,"typ":"at+jwt"}')],
    ...['crit', 'jku', 'jwk', 'x5u', 'x5c', 'cty'].map((name) => [name, aToken(`${GOOD.slice(0, -1)},"${name}":"x"}`)]),
    ['a member twice', aToken('{"alg":"ES256","kid":"k2","typ":"at+jwt","kid":"k1"}')],
    ['a member twice with the same value', aToken('{"alg":"ES256","alg":"ES256","kid":"k1","typ":"at+jwt"}')],
    ['a member in escapes', aToken('{"\\u0061lg":"ES256","kid":"k1","typ":"at+jwt"}')],
    ['blanks', aToken(GOOD.replace(',', ', '))],
    ['more than 8 KiB', aToken(GOOD) + 'A'.repeat(8192)],
  ])('is refused with %s', (_, token) => {
    expect(() => readJoseHeader(token)).toThrow('invalid_token');
  });

  it('is what it says otherwise', () => {
    expect(readJoseHeader(aToken(GOOD))).toEqual({ alg: 'ES256', kid: 'k1', typ: 'at+jwt' });
  });
});
