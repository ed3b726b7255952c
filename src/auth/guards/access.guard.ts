import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { IS_PUBLIC } from '../../common/http/public.decorator.js';
import { Environment } from '../../config/environment.js';
import { type AccessTokenClaims } from '../../tokens/access/access-token.service.js';
import { type Verified } from '../../tokens/claims.js';
import { RevokedTokenRepository } from '../../tokens/revocation/revoked-token.repository.js';
import { bearerToken } from '../strategies/bearer-token.js';
import { BearerGuard } from './bearer.guard.js';
import { metadataOf } from './metadata-of.js';
import { requestOf } from './request-of.js';
import { VerifiedTokens } from './verified-tokens.js';

/**
 * Global: every route asks for an access token that nothing has revoked, unless it says `@Public()`. Passport is asked
 * for tokens that are not remembered as verified. With one that is, and memory that answers for the revocations, there is
 * nothing to wait for, so the answer is no promise: a promise costs as much as both looks together.
 */
@Injectable()
export class AccessGuard extends BearerGuard('access') {
  /** Recant's own, which the strategy asks for too. */
  private readonly audience: string;

  constructor(
    revokedTokens: RevokedTokenRepository,
    reflector: Reflector,
    private readonly verifiedTokens: VerifiedTokens,
    environment: Environment,
  ) {
    super(revokedTokens, reflector);
    this.audience = environment.audience[0]!;
  }

  override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (metadataOf(this.reflector, IS_PUBLIC, context)) return true;
    const request = requestOf(context);
    const token = bearerToken(request);
    const claims = token === null ? null : this.verifiedTokens.find(token, this.audience);
    if (claims === null) return this.verify(context);
    request.user = claims;
    return this.admit(claims, context);
  }

  /** Remembers what passed, all of it, so that what anything refused is never remembered. */
  override async verify(context: ExecutionContext): Promise<boolean> {
    const passes = await super.verify(context);
    const request = requestOf(context);
    this.verifiedTokens.remember(bearerToken(request)!, request.user as Verified<AccessTokenClaims>);
    return passes;
  }
}
