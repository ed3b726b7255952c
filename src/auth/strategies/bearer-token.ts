/** What of a request says which token it brings. */
export interface WithHeaders {
  headers: { authorization?: string | undefined };
}

/**
 * The token of an `Authorization: Bearer` field (RFC 6750 §2.1), or null without one. The whole rest of the field is the
 * token: of `Bearer A B`, which is none, not the A.
 */
export function bearerToken({ headers }: WithHeaders): string | null {
  const match = /^Bearer +(.+)$/i.exec(headers.authorization ?? '');
  return match ? match[1]! : null;
}
