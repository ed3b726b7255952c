import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import { Environment } from '../../config/environment.js';
import { AccessTokenService, type AccessTokenClaims } from '../../tokens/access/access-token.service.js';
import { type Verified } from '../../tokens/claims.js';
import { JwsService } from '../../tokens/keys/jws.service.js';
import { ACCESS_ALGORITHMS } from '../../tokens/keys/signing-key.js';
import { kidOf, strategyOptions, type WithHeaders } from './strategy-options.js';

/** Lets access tokens of ours through: signature, algorithm, type, issuer, audience, times and the form of every claim. */
@Injectable()
export class AccessStrategy extends PassportStrategy(Strategy, 'access') {
  constructor(
    private readonly accessTokens: AccessTokenService,
    jws: JwsService,
    environment: Environment,
  ) {
    super({
      ...strategyOptions('access', jws, environment),
      algorithms: [...ACCESS_ALGORITHMS],
      // The first is Recant itself. A token for another service alone must not be good for what only its owner may do here.
      audience: environment.audience[0]!,
    });
  }

  /** Named by Passport; gets the payload of a token whose signature is right, and answers what becomes `request.user`. */
  validate(request: WithHeaders, payload: Record<string, unknown>): Verified<AccessTokenClaims> {
    return { ...this.accessTokens.acceptClaims(payload), kid: kidOf(request) };
  }
}
