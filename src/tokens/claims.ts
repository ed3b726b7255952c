import { AuthError } from '../common/errors/auth-error.js';
import { isUuid } from '../common/uuid.js';
import { LEEWAY_SECONDS } from './leeway.js';

/** The claims that every token carries, under their names on the wire (RFC 7519 §4.1, RFC 9068 §2.2). */
export interface TokenClaims {
  iss: string;
  aud: string | string[];
  /** The user's id, or the client's for a token that it got for itself. */
  sub: string;
  client_id: string;
  /** Seconds since 1970, as all moments in tokens. */
  iat: number;
  exp: number;
  jti: string;
  /** The issue number: the place in the order of everything issued and cut off. A private claim. */
  seq: number;
}

/** What the tokens say beside it that were issued in a session: those of people. */
export interface SessionClaims extends TokenClaims {
  /** The session. */
  sid: string;
  /** When the user logged in. */
  auth_time: number;
}

/** Whether a token is for this service (RFC 7519 §4.1.3). */
export function isFor({ aud }: Pick<TokenClaims, 'aud'>, audience: string): boolean {
  return typeof aud === 'string' ? aud === audience : aud.includes(audience);
}

/** The claims of a token, and the key under which its signature was right. */
export type Verified<Claims extends TokenClaims> = Claims & { kid: string };

type Checks = Record<string, (value: unknown) => boolean>;

const isMoment = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;

const everyToken = {
  sub: isUuid,
  client_id: (value) => typeof value === 'string',
  iat: isMoment,
  exp: isMoment,
  jti: isUuid,
  seq: isMoment,
} satisfies Checks;

const inSessions = { sid: isUuid, auth_time: isMoment } satisfies Checks;

/**
 * Checks what `jsonwebtoken` does not: that every claim is there and of its type (it accepts a token without `exp`, and
 * one from the future). `iss` and `aud` are checked by it, against what the caller expects.
 *
 * @throws AuthError `invalid_token`.
 */
export function checkClaims(payload: Record<string, unknown>, nowSeconds: number): TokenClaims {
  checkEach(payload, everyToken);
  const claims = payload as unknown as TokenClaims;
  if (claims.iat > nowSeconds + LEEWAY_SECONDS)
    throw new AuthError('invalid_token', { reason: 'issued in the future' });
  return claims;
}

/** Likewise, for a token that was issued in a session. @throws AuthError `invalid_token`. */
export function checkSessionClaims(payload: Record<string, unknown>, nowSeconds: number): SessionClaims {
  checkEach(payload, inSessions);
  return checkClaims(payload, nowSeconds) as SessionClaims;
}

function checkEach(payload: Record<string, unknown>, checks: Checks): void {
  for (const [name, isRight] of Object.entries(checks)) {
    if (!isRight(payload[name])) throw new AuthError('invalid_token', { reason: `claim ${name} is missing or wrong` });
  }
}
