import { VerifierError } from './verifier-error.js';

/** Longer texts are refused before anything parses them. */
const MAX_TOKEN_LENGTH = 8 * 1024;

const COMPACT_JWS = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

export interface AccessTokenHeader {
  alg: 'ES256' | 'RS256';
  kid: string;
  typ: 'at+jwt';
}

/**
 * Reads the header of an access token (RFC 9068 §2.1), strictly: the three members that the issuer writes, and none by
 * which a token could bring a key or rules of its own (RFC 8725 §3.10), in the one spelling that base64url has for them.
 *
 * @internal @throws VerifierError `ERR_TOKEN_MALFORMED`.
 */
export function readHeader(token: string): AccessTokenHeader {
  if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) throw malformed('no text, or too long');
  const parts = COMPACT_JWS.exec(token);
  if (!parts?.slice(1).every(isCanonical)) throw malformed('not a compact JWS');
  const header = parse(Buffer.from(parts[1]!, 'base64url').toString());
  const { alg, kid, typ } = header;
  if (Object.keys(header).toSorted().join(' ') !== 'alg kid typ') throw malformed('unexpected header members');
  if (typ !== 'at+jwt' || typeof kid !== 'string') throw malformed('not an access token');
  // RFC 8725 §3.1: never `none`, and never a symmetric algorithm, for which a public key would be the secret.
  if (alg !== 'ES256' && alg !== 'RS256') throw malformed('unexpected algorithm');
  return { alg, kid, typ };
}

/** The last character of base64url can carry bits that decoders ignore: two spellings of one token. */
function isCanonical(segment: string): boolean {
  return Buffer.from(segment, 'base64url').toString('base64url') === segment;
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    // A member that comes twice, of which JSON.parse takes the last one, does not come back from it.
    if (typeof value === 'object' && value !== null && JSON.stringify(value) === text)
      return value as Record<string, unknown>;
  } catch {
    // Refused below, like everything else that is no header.
  }
  throw malformed('the header is not a JSON object');
}

function malformed(reason: string): VerifierError {
  return new VerifierError('ERR_TOKEN_MALFORMED', reason);
}
