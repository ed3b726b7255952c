import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { newUuid } from '../../common/random.js';
import { Environment } from '../../config/environment.js';
import { checkClaims, type TokenClaims } from '../claims.js';
import { JwsService } from '../keys/jws.service.js';
import { KeyRing } from '../keys/key-ring.service.js';
import { toSeconds } from '../seconds.js';
import { type SessionAtMoment } from '../sessions/session.repository.js';

export interface AccessTokenClaims extends TokenClaims {
  roles: string[];
}

/** Issues access tokens (RFC 9068) and says which claims are those of one. Whether it is revoked is not asked here. */
@Injectable()
export class AccessTokenService {
  constructor(
    private readonly keys: KeyRing,
    private readonly jws: JwsService,
    private readonly clock: Clock,
    private readonly environment: Environment,
  ) {}

  issue(moment: SessionAtMoment, roles: readonly string[]): string {
    const { session, now } = moment;
    const claims: AccessTokenClaims = {
      iss: this.environment.issuer,
      aud: audienceOf(this.environment.audience),
      sub: session.userId,
      client_id: session.clientId,
      iat: toSeconds(now),
      exp: this.endOf(moment),
      jti: newUuid(),
      sid: session.id,
      auth_time: toSeconds(session.createdAt),
      seq: Number(session.issueNumber),
      roles: [...roles],
    };
    return this.jws.sign(claims, this.keys.currentFor('access'));
  }

  /** When a token issued at this moment ends, in seconds since 1970: never after its session, which could not end it. */
  endOf({ session, now }: SessionAtMoment): number {
    return Math.min(toSeconds(now) + this.environment.accessTokenTtlSeconds, toSeconds(session.idleExpiresAt));
  }

  /** The claims of a token whose signature is right. @throws AuthError `invalid_token`. */
  acceptClaims(payload: Record<string, unknown>): AccessTokenClaims {
    const claims = checkClaims(payload, this.clock.nowSeconds());
    const { roles } = payload;
    if (!Array.isArray(roles) || !roles.every((role) => typeof role === 'string')) {
      throw new AuthError('invalid_token', { reason: 'claim roles is missing or wrong' });
    }
    return { ...claims, roles };
  }
}

/** RFC 7519 §4.1.3: a single audience may stand alone, and most verifiers expect it so. */
function audienceOf(audience: readonly string[]): string | string[] {
  return audience.length === 1 ? audience[0]! : [...audience];
}
