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
  if (info instanceof AuthError) throw info;
  // Of several strategies, each says why it failed.
  const reasons = [info].flat().map((failure) => (failure instanceof Error ? failure.message : 'refused'));
  throw new AuthError('invalid_token', { reason: reasons.join('; ') });
}
