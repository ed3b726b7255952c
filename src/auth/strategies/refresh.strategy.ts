import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import { Environment } from '../../config/environment.js';
import { type Verified } from '../../tokens/claims.js';
import { JwsService } from '../../tokens/keys/jws.service.js';
import { RefreshTokenService, type RefreshTokenClaims } from '../../tokens/refresh/refresh-token.service.js';
import { kidOf, strategyOptions, type WithHeaders } from './strategy-options.js';

/** Lets refresh tokens of ours through: signature, algorithm, type, issuer, audience, times and the form of every claim. */
@Injectable()
export class RefreshStrategy extends PassportStrategy(Strategy, 'refresh') {
  constructor(
    private readonly refreshTokens: RefreshTokenService,
    jws: JwsService,
    environment: Environment,
  ) {
    super({ ...strategyOptions('refresh', jws, environment), algorithms: ['HS256'], audience: environment.issuer });
  }

  /** Named by Passport; gets the payload of a token whose signature is right, and answers what becomes `request.user`. */
  validate(request: WithHeaders, payload: Record<string, unknown>): Verified<RefreshTokenClaims> {
    return { ...this.refreshTokens.acceptClaims(payload), kid: kidOf(request) };
  }
}
