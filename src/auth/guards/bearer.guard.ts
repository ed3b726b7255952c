import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { type FastifyRequest } from 'fastify';
import { AuthError } from '../../common/errors/auth-error.js';
import { type RevocableClaims, RevokedTokenRepository } from '../../tokens/revocation/revoked-token.repository.js';
import { claimsOrRefusal } from './claims-or-refusal.js';

/**
 * A guard for the tokens of some strategies: Passport says whose they are, and the record of revocations whether they
 * still count. No request reaches a controller before both have been asked.
 */
export function BearerGuard(...strategies: ('access' | 'refresh')[]) {
  @Injectable()
  class StrategyGuard extends AuthGuard(strategies) {
    constructor(readonly revokedTokens: RevokedTokenRepository) {
      super();
    }

    override async canActivate(context: ExecutionContext): Promise<boolean> {
      await super.canActivate(context);
      const { user: claims } = context.switchToHttp().getRequest<{ user: RevocableClaims }>();
      if (await this.revokedTokens.isRevoked(claims)) throw new AuthError('invalid_token', { reason: 'revoked' });
      return true;
    }

    override handleRequest<T>(error: unknown, claims: T | false, info: unknown, context: ExecutionContext): T {
      return claimsOrRefusal(error, claims, info, context.switchToHttp().getRequest<FastifyRequest>());
    }
  }
  return StrategyGuard;
}
