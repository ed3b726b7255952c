import { VerifierError } from './verifier-error.js';

/** What an access token of Recant's says (RFC 9068 §2.2). Moments are seconds since 1970. */
export interface AccessTokenClaims {
  /** The issuer. */
  iss: string;
  /** The services that the token is for. */
  aud: string | string[];
  /** The user's id; of a token that a client got for itself, the client's. Never a name. */
  sub: string;
  client_id: string;
  iat: number;
  exp: number;
  /** The token's own id. */
  jti: string;
  /** The issue number: the place in the order of everything that was issued and cut off. */
  seq: number;
  /** The session; absent in a token that a client got for itself. */
  sid?: string;
  /** When the user logged in; absent likewise. */
  auth_time?: number;
  /** What the user may do; absent likewise. */
  roles?: string[];
  /** What the client may do, separated by blanks; absent in the token of a user. */
  scope?: string;
}

type Checks = Record<string, (value: unknown) => boolean>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const isUuid = (value: unknown): boolean => typeof value === 'string' && UUID.test(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isMoment = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
const isAbsent = (value: unknown): boolean => value === undefined;
const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

const everyToken: Checks = { client_id: isText, iat: isMoment, exp: isMoment, jti: isUuid, seq: isMoment, sub: isUuid };
const ofUser: Checks = { ...everyToken, sid: isUuid, auth_time: isMoment, roles: areTexts };
const ofClient: Checks = { ...everyToken, sid: isAbsent, scope: isText };

/**
 * Checks that every claim is there and of its type; signature, issuer, audience and times have been checked.
 *
 * @internal @throws VerifierError `ERR_TOKEN_CLAIMS`.
 */
export function acceptClaims(payload: Record<string, unknown>): AccessTokenClaims {
  // RFC 9068 §2.2: of a token without a resource owner, `sub` is the client.
  const checks = payload['sub'] === payload['client_id'] ? ofClient : ofUser;
  for (const [name, isRight] of Object.entries(checks)) {
    if (!isRight(payload[name])) throw new VerifierError('ERR_TOKEN_CLAIMS', `${name} is missing or wrong`);
  }
  return payload as unknown as AccessTokenClaims;
}
