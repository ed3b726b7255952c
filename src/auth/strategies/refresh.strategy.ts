import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import { Environment } from '../../config/environment.js';
import { RefreshTokenService, type RefreshTokenClaims } from '../../tokens/refresh/refresh-token.service.js';
import { JwsService } from '../../tokens/keys/jws.service.js';
import { LEEWAY_SECONDS } from '../../tokens/leeway.js';
import { bearerToken } from './bearer-token.js';
import { keyProvider } from './key-provider.js';

/** Lets refresh tokens of ours through: signature, algorithm, type, issuer, audience, times and the form of every claim. */
@Injectable()
export class RefreshStrategy extends PassportStrategy(Strategy, 'refresh') {
  constructor(
    private readonly refreshTokens: RefreshTokenService,
    jws: JwsService,
    environment: Environment,
  ) {
    super({
      jwtFromRequest: bearerToken,
      secretOrKeyProvider: keyProvider((token) => jws.verificationKeyOf(token, 'refresh')),
      algorithms: ['HS256'],
      issuer: environment.issuer,
      audience: environment.issuer,
      jsonWebTokenOptions: { clockTolerance: LEEWAY_SECONDS },
    });
  }

  /** Named by Passport; gets the payload of a token whose signature is right, and answers what becomes `request.user`. */
  validate(payload: Record<string, unknown>): RefreshTokenClaims {
    return this.refreshTokens.acceptClaims(payload);
  }
}
