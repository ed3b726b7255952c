import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthError } from '../../common/errors/auth-error.js';
import { Environment } from '../../config/environment.js';
import { AccessTokenService, type AccessTokenClaims } from '../../tokens/access/access-token.service.js';
import { isFor, type Verified } from '../../tokens/claims.js';
import { RevokedTokenRepository } from '../../tokens/revocation/revoked-token.repository.js';
import { type BearerRequest, requestOf } from '../guards/request-of.js';
import { VerifiedTokens } from '../guards/verified-tokens.js';
import { bearerToken } from '../strategies/bearer-token.js';

/**
 * For the requests of a gateway, which are those of its callers: asks what the access guard asks, of a token for the audience
 * that the address names. Who names none asks for Recant's own, as Recant's other routes do: a token that was issued for
 * another service alone must not be good for whatever stands behind a gateway that forgot to say what that is.
 */
@Injectable()
export class ForwardAuthGuard implements CanActivate {
  constructor(
    private readonly verifiedTokens: VerifiedTokens,
    private readonly accessTokens: AccessTokenService,
    private readonly revokedTokens: RevokedTokenRepository,
    private readonly environment: Environment,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = requestOf(context);
    const token = bearerToken(request);
    if (token === null) throw new AuthError('missing_token');
    const audience = this.audienceOf(request);
    const known = this.verifiedTokens.find(token, audience);
    const claims = known ?? this.verify(token, audience);
    request.user = claims;
    const isRevoked = this.revokedTokens.isRevoked(claims);
    const pass = (answer: boolean): true => {
      if (answer) throw refusal('revoked');
      if (!known) this.verifiedTokens.remember(token, claims);
      return true;
    };
    return typeof isRevoked === 'boolean' ? pass(isRevoked) : isRevoked.then(pass);
  }

  /** @throws AuthError for one that Recant issues no tokens for; some from before it was taken out of AUDIENCE may live. */
  private audienceOf({ params }: BearerRequest): string {
    const { audience } = params as { audience?: string };
    if (audience === undefined) return this.environment.audience[0]!;
    if (!this.environment.audience.includes(audience)) throw refusal('for an audience that is none of AUDIENCE');
    return audience;
  }

  private verify(token: string, audience: string): Verified<AccessTokenClaims> {
    const claims = this.accessTokens.verify(token);
    if (!isFor(claims, audience)) throw refusal('for another audience');
    return claims;
  }
}

function refusal(reason: string): AuthError {
  return new AuthError('invalid_token', { reason });
}
