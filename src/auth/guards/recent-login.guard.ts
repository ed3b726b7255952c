import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Clock } from '../../common/clock.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { MAX_LOGIN_AGE_SECONDS } from '../../common/errors/problem.js';
import { REQUIRES_RECENT_LOGIN } from '../../common/http/requires-recent-login.decorator.js';
import { type UserAccessClaims } from '../../tokens/access/access-token.service.js';
import { metadataOf } from './metadata-of.js';
import { requestOf } from './request-of.js';

/** Global, after the access guard: asks for a recent login (RFC 9470) where `@RequiresRecentLogin()` says so. */
@Injectable()
export class RecentLoginGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly clock: Clock,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (!metadataOf(this.reflector, REQUIRES_RECENT_LOGIN, context)) return true;
    const claims = requestOf(context).user as UserAccessClaims | undefined;
    // On a route that was opened by mistake, no is the answer.
    if (!claims) throw new AuthError('missing_token');
    const ageSeconds = this.clock.nowSeconds() - claims.auth_time;
    // Asked this way round, a token without a time of login is refused: NaN is never less.
    if (!(ageSeconds <= MAX_LOGIN_AGE_SECONDS)) throw new AuthError('insufficient_user_authentication');
    return true;
  }
}
