import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { type RevocableClaims } from '@recant/revocation-set';
import { AuthError } from '../../common/errors/auth-error.js';
import { IS_ALSO_FOR_CLIENTS } from '../../common/http/also-for-clients.decorator.js';
import { RevokedTokenRepository } from '../../tokens/revocation/revoked-token.repository.js';
import { claimsOrRefusal } from './claims-or-refusal.js';
import { metadataOf } from './metadata-of.js';
import { requestOf } from './request-of.js';

/**
 * A guard for the tokens of some strategies: Passport says whose they are, and the record of revocations whether they
 * still count. No request reaches a controller before both have been asked. A token that a client got for itself passes
 * only where `@AlsoForClients()` says so: the other routes read a session and a user.
 */
export function BearerGuard(...strategies: ('access' | 'refresh')[]) {
  @Injectable()
  class StrategyGuard extends AuthGuard(strategies) {
    constructor(
      readonly revokedTokens: RevokedTokenRepository,
      readonly reflector: Reflector,
    ) {
      super();
    }

    override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
      return this.verify(context);
    }

    async verify(context: ExecutionContext): Promise<boolean> {
      await super.canActivate(context);
      return this.admit(requestOf(context).user as RevocableClaims, context);
    }

    /** Whether a token passes that was verified. No promise where memory knows it. @throws AuthError where it does not. */
    admit(claims: RevocableClaims, context: ExecutionContext): boolean | Promise<boolean> {
      const isRevoked = this.revokedTokens.isRevoked(claims);
      if (typeof isRevoked === 'boolean') return this.pass(isRevoked, claims, context);
      return isRevoked.then((answer) => this.pass(answer, claims, context));
    }

    private pass(isRevoked: boolean, { sid }: RevocableClaims, context: ExecutionContext): true {
      if (isRevoked) throw new AuthError('invalid_token', { reason: 'revoked' });
      if (sid === undefined && !metadataOf(this.reflector, IS_ALSO_FOR_CLIENTS, context)) {
        throw new AuthError('insufficient_scope', { reason: 'not for clients' });
      }
      return true;
    }

    override handleRequest<T>(error: unknown, claims: T | false, info: unknown, context: ExecutionContext): T {
      return claimsOrRefusal(error, claims, info, requestOf(context));
    }
  }
  return StrategyGuard;
}
