import { type AccessTokenClaims } from '../claims.js';
import { type Challenge } from './refusals.js';

/** @internal What a route asks of a token beside that it counts: null when it has it, otherwise the challenge. */
export type Requirement = (claims: AccessTokenClaims, nowSeconds: number) => Challenge | null;

/** @internal */
export function needsRole(role: string): Requirement {
  return ({ roles }) => (roles?.includes(role) ? null : { error: 'insufficient_scope' });
}

/** @internal RFC 6750 §3: the scope that would be enough is named. */
export function needsScope(scope: string): Requirement {
  return (claims) => (claims.scope?.split(' ').includes(scope) ? null : { error: 'insufficient_scope', scope });
}

/** @internal RFC 9470 §3. Asked this way round, a token without a time of login is refused: NaN is never less. */
export function needsRecentLogin(maxAgeSeconds: number): Requirement {
  return ({ auth_time: loginAt = NaN }, nowSeconds) =>
    nowSeconds - loginAt <= maxAgeSeconds
      ? null
      : { error: 'insufficient_user_authentication', max_age: maxAgeSeconds };
}
