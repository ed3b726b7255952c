import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import { Environment } from '../../config/environment.js';
import { AccessTokenService, type AccessTokenClaims } from '../../tokens/access/access-token.service.js';
import { JwsService } from '../../tokens/keys/jws.service.js';
import { LEEWAY_SECONDS } from '../../tokens/leeway.js';
import { bearerToken } from './bearer-token.js';
import { keyProvider } from './key-provider.js';

/** Lets access tokens of ours through: signature, algorithm, type, issuer, audience, times and the form of every claim. */
@Injectable()
export class AccessStrategy extends PassportStrategy(Strategy, 'access') {
  constructor(
    private readonly accessTokens: AccessTokenService,
    jws: JwsService,
    environment: Environment,
  ) {
    super({
      jwtFromRequest: bearerToken,
      secretOrKeyProvider: keyProvider((token) => jws.verificationKeyOf(token, 'access')),
      algorithms: ['ES256'],
      issuer: environment.issuer,
      audience: [...environment.audience] as [string, ...string[]],
      jsonWebTokenOptions: { clockTolerance: LEEWAY_SECONDS },
    });
  }

  /** Named by Passport; gets the payload of a token whose signature is right, and answers what becomes `request.user`. */
  validate(payload: Record<string, unknown>): AccessTokenClaims {
    return this.accessTokens.acceptClaims(payload);
  }
}
