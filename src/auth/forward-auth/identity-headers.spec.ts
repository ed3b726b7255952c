import { validateHeaderValue } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type AccessTokenClaims } from '../../tokens/access/access-token.service.js';
import { identityFields, identityHeaders } from './identity-headers.js';

const ofUser = (more: object) =>
  ({ sub: 's', client_id: 'recant', sid: 'd', roles: [], ...more }) as AccessTokenClaims & object;

describe('the fields of an identity', () => {
  it.each(['a\r\nX-Auth-Roles: admin', 'a\nb', '\0', '\u2028', 'é', '😀', '\ud800', '\x7f'])(
    'end no line and are ones that HTTP can carry, whatever a claim is: %j',
    (text) => {
      const [user, client] = [
        ofUser({ sub: text, client_id: text, sid: text, roles: [text] }),
        { sub: text, client_id: text, scope: text },
      ];
      for (const claims of [user, client as AccessTokenClaims]) {
        for (const [name, value] of Object.entries(identityHeaders(claims))) {
          expect(value).toMatch(/^[\x20-\x7e]*$/);
          expect(() => validateHeaderValue(name, value)).not.toThrow();
        }
      }
    },
  );

  it.each([
    [['a,admin'], 'a%2Cadmin'],
    [['a', 'admin'], 'a,admin'],
    [['a%2Cadmin'], 'a%252Cadmin'],
    [['a b'], 'a%20b'],
    [[''], ''],
    [[], ''],
  ])('tell roles apart: %j', (roles, expected) => {
    expect(identityHeaders(ofUser({ roles }))['X-Auth-Roles']).toBe(expected);
  });

  it('are all there, for a user and for a client', () => {
    const client = { sub: 'c', client_id: 'c', scope: 'tokens:introspect tokens:revoke' } as AccessTokenClaims;
    for (const claims of [ofUser({}), client]) {
      expect(Object.keys(identityHeaders(claims))).toEqual(Object.keys(identityFields));
    }
    expect(identityHeaders(client)).toMatchObject({
      'X-Auth-Scope': 'tokens:introspect tokens:revoke',
      'X-Auth-Session': '',
    });
  });
});
