import { type AccessTokenClaims, isOfClient } from '../../tokens/access/access-token.service.js';

/** The header fields that tell the service behind a gateway who sent a request, and their sentences. */
export const identityFields = {
  'X-Auth-Subject': 'The id of the user, or of the client for a token that it got for itself.',
  'X-Auth-Roles': 'The roles of the user, with commas between them.',
  'X-Auth-Session': "The id of the user's session; empty for a client.",
  'X-Auth-Client': 'The client that the token was issued to.',
  'X-Auth-Scope': 'The scopes of a client, with blanks between them; empty for a user.',
} as const;

/**
 * The fields for these claims. Always all of them, empty where there is nothing to say: a gateway that copies the fields that
 * it gets would let the caller's own through in place of a missing one.
 */
export function identityHeaders(claims: AccessTokenClaims): Record<keyof typeof identityFields, string> {
  const { sub, client_id } = claims;
  const [sid, roles, scope] = isOfClient(claims) ? ['', [], claims.scope] : [claims.sid, claims.roles, ''];
  return {
    'X-Auth-Subject': word(sub),
    'X-Auth-Roles': roles.map(word).join(','),
    'X-Auth-Session': word(sid),
    'X-Auth-Client': word(client_id),
    'X-Auth-Scope': scope.split(' ').map(word).join(' '),
  };
}

/**
 * One word of a field, whatever a key has signed: no end of a line, and no comma or blank that would make two words of it.
 * What Recant issues has none of these, and stays as it is.
 */
function word(text: string): string {
  return text.replace(/[^\x21-\x7e]|[%,]/gu, (character) => encodeURIComponent(character.toWellFormed()));
}
