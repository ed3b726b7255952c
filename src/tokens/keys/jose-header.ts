import { AuthError } from '../../common/errors/auth-error.js';

/** Longer texts are refused before anything parses them. The longest of ours has about 800 characters. */
export const MAX_TOKEN_BYTES = 8 * 1024;

export interface JoseHeader {
  alg: string;
  kid: string;
  typ: string;
}

const COMPACT_JWS = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

/**
 * Reads the header of a compact JWS (RFC 7515 §3.1), strictly: our three members, each once, and nothing else, spelt as
 * we spell them. So `crit`, `jku`, `jwk`, `x5u` and `x5c`, by which a token could bring rules or keys of its own, are
 * refused (RFC 8725 §3.10).
 *
 * @throws AuthError `invalid_token`.
 */
export function readJoseHeader(token: string): JoseHeader {
  if (token.length > MAX_TOKEN_BYTES) throw invalid('too long');
  const parts = COMPACT_JWS.exec(token);
  if (!parts) throw invalid('not a compact JWS');
  if (!parts.slice(1).every(isCanonical)) throw invalid('not in canonical base64url');
  const header = parseHeader(Buffer.from(parts[1]!, 'base64url').toString());
  if (Object.keys(header).toSorted().join(' ') !== 'alg kid typ') throw invalid('unexpected header members');
  const { alg, kid, typ } = header;
  if (typeof alg !== 'string' || typeof kid !== 'string' || typeof typ !== 'string')
    throw invalid('header of wrong types');
  return { alg, kid, typ };
}

/** The last character of base64url can carry bits that decoders ignore: two spellings of one token. One is enough. */
function isCanonical(segment: string): boolean {
  return Buffer.from(segment, 'base64url').toString('base64url') === segment;
}

function parseHeader(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    // A member that comes twice, of which JSON.parse takes the last one, does not come back from it.
    if (typeof value === 'object' && value !== null && JSON.stringify(value) === text)
      return value as Record<string, unknown>;
  } catch {
    // Answered below, like every other header that is none.
  }
  throw invalid('header is not a JSON object as we write it');
}

function invalid(reason: string): AuthError {
  return new AuthError('invalid_token', { reason });
}
