/** What of a request says which token it brings. */
export interface WithHeaders {
  headers: { authorization?: string | undefined };
}

// The scheme alone, not the token: this runs over the field on every request.
const SCHEME = /^Bearer +/i;

/**
 * The token of an `Authorization: Bearer` field (RFC 6750 §2.1), or null without one. The whole rest of the field is the
 * token: of `Bearer A B`, which is none, not the A.
 */
export function bearerToken({ headers }: WithHeaders): string | null {
  const { authorization = '' } = headers;
  const scheme = SCHEME.exec(authorization);
  const token = scheme && authorization.slice(scheme[0].length);
  return token || null;
}
