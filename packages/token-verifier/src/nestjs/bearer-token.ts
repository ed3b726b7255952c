/** What of a request says which token it brings. Fastify keeps the fields as they came under `raw`, Express does not. */
export interface WithHeaders {
  headers: { authorization?: string | undefined };
  rawHeaders?: readonly string[];
  raw?: { rawHeaders?: readonly string[] };
}

/** In the place of a token where a request brings several: no verifier takes it. */
const NO_TOKEN = '';

/**
 * @internal The token of `Authorization: Bearer` (RFC 6750 §2.1), or null without one. The whole rest of the field is the
 * token, so that `Bearer A B` is none. Of a field that comes twice, neither counts: a proxy may have looked at the other.
 */
export function bearerToken(request: WithHeaders): string | null {
  const token = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
  return isSentTwice(request) ? NO_TOKEN : token;
}

/** Node keeps the first of several `Authorization` fields and drops the others, so the names are counted as they came. */
function isSentTwice(request: WithHeaders): boolean {
  const namesAndValues = (request.raw ?? request).rawHeaders ?? [];
  return namesAndValues.filter((text, at) => at % 2 === 0 && text.toLowerCase() === 'authorization').length > 1;
}
