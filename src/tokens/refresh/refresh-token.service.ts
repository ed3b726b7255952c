import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { Environment } from '../../config/environment.js';
import { checkSessionClaims, type SessionClaims, type Verified } from '../claims.js';
import { JwsService } from '../keys/jws.service.js';
import { KeyRing } from '../keys/key-ring.service.js';
import { toSeconds } from '../seconds.js';
import { type Session } from '../sessions/session.entity.js';

export interface RefreshTokenClaims extends SessionClaims {
  /** The place of this token in its session's chain. */
  generation: number;
}

/**
 * Mints refresh tokens and says which claims are those of one. A refresh token is a function of its session's row, so it
 * is not stored: minting twice from one row gives the same text, also after the key that signs now has changed.
 */
@Injectable()
export class RefreshTokenService {
  constructor(
    private readonly keys: KeyRing,
    private readonly jws: JwsService,
    private readonly clock: Clock,
    private readonly environment: Environment,
  ) {}

  /** The key that signs the tokens of sessions which are opened or rotated now. */
  currentKid(): string {
    return this.keys.currentFor('refresh').kid;
  }

  mint(session: Session): string {
    const key = this.keys.find(session.refreshKid, 'refresh');
    if (!key) throw new AuthError('invalid_token', { reason: 'the key of the refresh token is gone' });
    const claims: RefreshTokenClaims = {
      iss: this.environment.issuer,
      // For the issuer alone; no service may take it for a token of its own.
      aud: this.environment.issuer,
      sub: session.userId,
      client_id: session.clientId,
      iat: toSeconds(session.rotatedAt),
      exp: toSeconds(session.idleExpiresAt),
      jti: jtiOf(session),
      sid: session.id,
      auth_time: toSeconds(session.createdAt),
      seq: Number(session.issueNumber),
      generation: session.generation,
    };
    return this.jws.sign(claims, key);
  }

  /** The claims of a token, also of a spent one. @throws AuthError `invalid_token`. */
  verify(token: string): Verified<RefreshTokenClaims> {
    const { kid, payload } = this.jws.verify(token, 'refresh', [this.environment.issuer]);
    return { ...this.acceptClaims(payload), kid };
  }

  /** The claims of a token whose signature is right. @throws AuthError `invalid_token`. */
  acceptClaims(payload: Record<string, unknown>): RefreshTokenClaims {
    const claims = checkSessionClaims(payload, this.clock.nowSeconds());
    const { generation } = payload;
    if (!Number.isSafeInteger(generation) || (generation as number) < 1) {
      throw new AuthError('invalid_token', { reason: 'claim generation is missing or wrong' });
    }
    return { ...claims, generation: generation as number };
  }
}

/** Derived, so that it need not be stored: the first 128 bits of a hash, in the form of a UUID (version 8, RFC 9562). */
function jtiOf({ id, generation }: Session): string {
  const bytes = createHash('sha256').update(`${id} ${generation}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
