import { AuthError } from '../common/errors/auth-error.js';
import { LEEWAY_SECONDS } from './leeway.js';

/** The claims that both kinds of token carry, under their names on the wire (RFC 7519 §4.1, RFC 9068 §2.2). */
export interface TokenClaims {
  iss: string;
  aud: string | string[];
  sub: string;
  client_id: string;
  /** Seconds since 1970, as all moments in tokens. */
  iat: number;
  exp: number;
  jti: string;
  /** The session. */
  sid: string;
  /** When the user logged in. */
  auth_time: number;
  /** The issue number: the place in the order of everything issued and cut off. A private claim. */
  seq: number;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const isUuid = (value: unknown): boolean => typeof value === 'string' && UUID.test(value);
const isMoment = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;

const checks: Record<keyof Omit<TokenClaims, 'iss' | 'aud'>, (value: unknown) => boolean> = {
  sub: isUuid,
  client_id: (value) => typeof value === 'string',
  iat: isMoment,
  exp: isMoment,
  jti: isUuid,
  sid: isUuid,
  auth_time: isMoment,
  seq: isMoment,
};

/**
 * Checks what `jsonwebtoken` does not: that every claim is there and of its type (it accepts a token without `exp`, and
 * one from the future). `iss` and `aud` are checked by it, against what the strategy expects.
 *
 * @throws AuthError `invalid_token`.
 */
export function checkClaims(payload: Record<string, unknown>, nowSeconds: number): TokenClaims {
  for (const [name, isRight] of Object.entries(checks)) {
    if (!isRight(payload[name])) throw new AuthError('invalid_token', { reason: `claim ${name} is missing or wrong` });
  }
  const claims = payload as unknown as TokenClaims;
  if (claims.iat > nowSeconds + LEEWAY_SECONDS)
    throw new AuthError('invalid_token', { reason: 'issued in the future' });
  return claims;
}
