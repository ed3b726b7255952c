import { AuthError } from '../../common/errors/auth-error.js';
import { bearerToken } from '../strategies/bearer-token.js';

interface BearerRequest {
  headers: { authorization?: string | undefined };
}

/**
 * What every guard makes of a strategy's answer: the claims, or the refusal of RFC 6750 §3. Why a token was refused goes
 * to the log; the client hears the same for every reason.
 *
 * @throws AuthError `missing_token`, `invalid_token`, or the error under which the strategy failed.
 */
export function claimsOrRefusal<T>(error: unknown, claims: T | false | null, info: unknown, request: BearerRequest): T {
  if (error) throw error;
  if (claims) return claims;
  if (bearerToken(request) === null) throw new AuthError('missing_token');
  // Of several strategies, each says why it failed.
  throw new AuthError('invalid_token', { reason: [info].flat().map(reasonOf).join('; ') });
}

function reasonOf(failure: unknown): string {
  if (failure instanceof AuthError) return failure.reason ?? failure.code;
  return failure instanceof Error ? failure.message : 'refused';
}
