import { Inject, Injectable, UnauthorizedException } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { Blocklist } from './blocklist.mjs';
import { decorated } from './decorated.mjs';

/** What tutorials have: a key in PEM, and one question to the database for each request. */
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(blocklist, { publicKey, algorithm, issuer, audience }) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      ignoreExpiration: false,
      secretOrKey: publicKey,
      algorithms: [algorithm],
      issuer,
      audience,
    });
    this.blocklist = blocklist;
  }

  async validate(payload) {
    if (await this.blocklist.has(payload.jti)) throw new UnauthorizedException();
    return payload;
  }
}

decorated(JwtStrategy, Injectable());
Inject(Blocklist)(JwtStrategy, undefined, 0);
Inject('options')(JwtStrategy, undefined, 1);
