import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { newUuid } from '../../common/random.js';
import { Environment } from '../../config/environment.js';
import { checkClaims, checkSessionClaims, type SessionClaims, type TokenClaims, type Verified } from '../claims.js';
import { type IssueMoment } from '../issue-moment.js';
import { JwsService } from '../keys/jws.service.js';
import { KeyRing } from '../keys/key-ring.service.js';
import { toSeconds } from '../seconds.js';
import { type SessionAtMoment } from '../sessions/session-row.js';

/** Of a token that a person got, in a session. */
export interface UserAccessClaims extends SessionClaims {
  roles: string[];
}

/** Of a token that a client got for itself, by its secret (RFC 6749 §4.4). */
export interface ClientAccessClaims extends TokenClaims {
  /** What the client may do with it, with blanks between (RFC 6749 §3.3). */
  scope: string;
}

export type AccessTokenClaims = UserAccessClaims | ClientAccessClaims;

/** What a token is issued for that belongs to a client rather than a session. */
export interface ClientGrant {
  clientId: string;
  scopes: readonly string[];
  /** The one audience it was asked for; null for all. */
  resource: string | null;
}

export function isOfClient(claims: AccessTokenClaims): claims is ClientAccessClaims {
  return !('sid' in claims);
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

  issue(moment: SessionAtMoment, roles: readonly string[], resource = moment.session.resource): string {
    const { session, now } = moment;
    const claims: UserAccessClaims = {
      iss: this.environment.issuer,
      aud: this.audienceOf(resource),
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

  issueToClient({ clientId, scopes, resource }: ClientGrant, { issueNumber, now }: IssueMoment): string {
    const iat = toSeconds(now);
    const claims: ClientAccessClaims = {
      iss: this.environment.issuer,
      aud: this.audienceOf(resource),
      // RFC 9068 §2.2: without a resource owner, `sub` is the client.
      sub: clientId,
      client_id: clientId,
      iat,
      exp: iat + this.environment.accessTokenTtlSeconds,
      jti: newUuid(),
      seq: Number(issueNumber),
      scope: scopes.join(' '),
    };
    return this.jws.sign(claims, this.keys.currentFor('access'));
  }

  /** @throws AuthError `storage_unavailable` when there is no key to sign with. */
  requireKey(): void {
    this.keys.currentFor('access');
  }

  /** When a token issued at this moment ends, in seconds since 1970: never after its session, which could not end it. */
  endOf({ session, now }: SessionAtMoment): number {
    return Math.min(toSeconds(now) + this.environment.accessTokenTtlSeconds, toSeconds(session.idleExpiresAt));
  }

  /** The one audience that was asked for, null when none was. @throws AuthError `invalid_target` (RFC 8707 §2). */
  acceptResource(resource: string | undefined): string | null {
    if (resource === undefined) return null;
    if (!this.environment.audience.includes(resource)) throw new AuthError('invalid_target');
    return resource;
  }

  /** The claims of a token for any of the audiences. @throws AuthError `invalid_token`. */
  verify(token: string): Verified<AccessTokenClaims> {
    const { kid, payload } = this.jws.verify(token, 'access', this.environment.audience);
    return { ...this.acceptClaims(payload), kid };
  }

  /** The claims of a token whose signature is right. @throws AuthError `invalid_token`. */
  acceptClaims(payload: Record<string, unknown>): AccessTokenClaims {
    return payload['sub'] === payload['client_id'] ? this.acceptOfClient(payload) : this.acceptOfUser(payload);
  }

  private acceptOfUser(payload: Record<string, unknown>): UserAccessClaims {
    const claims = checkSessionClaims(payload, this.clock.nowSeconds());
    const { roles } = payload;
    if (!Array.isArray(roles) || !roles.every((role) => typeof role === 'string')) {
      throw new AuthError('invalid_token', { reason: 'claim roles is missing or wrong' });
    }
    return { ...claims, roles };
  }

  private acceptOfClient(payload: Record<string, unknown>): ClientAccessClaims {
    const claims = checkClaims(payload, this.clock.nowSeconds());
    const { scope } = payload;
    if (typeof scope !== 'string' || 'sid' in payload) {
      throw new AuthError('invalid_token', { reason: 'not the claims of a client' });
    }
    return { ...claims, scope };
  }

  /** RFC 7519 §4.1.3: a single audience may stand alone, and most verifiers expect it so. */
  private audienceOf(resource: string | null): string | string[] {
    const { audience } = this.environment;
    return resource ?? (audience.length === 1 ? audience[0]! : [...audience]);
  }
}
