import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { type Origin } from '../../audit/origin.js';
import { FIRST_PARTY_CLIENT } from '../../clients/first-party-client.js';
import { newUuid } from '../../common/random.js';
import { AccessTokenService } from '../access/access-token.service.js';
import { toSeconds } from '../seconds.js';
import { SessionRepository } from '../sessions/session.repository.js';
import { type SessionAtMoment } from '../sessions/session-row.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { RefreshTokenService } from './refresh-token.service.js';

export interface TokenPair {
  accessToken: string;
  refreshToken: string;
  /** Seconds from the moment of issuing. */
  expiresIn: number;
  refreshExpiresIn: number;
}

/** Where a login came from, as its owner will see it in the list of devices. */
export interface Device {
  userAgent: string | null;
  ip: string | null;
}

/** What is asked for with a session. */
export interface SessionRequest {
  device: Device;
  /** Whose request it is, for what is recorded of it. */
  by: Origin;
  /** The one audience (RFC 8707) that its tokens are to be for; every one that is configured without it. */
  resource?: string | undefined;
}

/**
 * Opens sessions and mints their tokens. Who opens one holds the lock of the user's row, in the transaction that it hands
 * in, and mints the pair when that transaction has been committed.
 */
@Injectable()
export class TokenPairService {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly sessionsService: SessionsService,
    private readonly accessTokens: AccessTokenService,
    private readonly refreshTokens: RefreshTokenService,
  ) {}

  /** @throws AuthError `invalid_target`. */
  async open(userId: string, { device, resource, by }: SessionRequest, tx: EntityManager): Promise<SessionAtMoment> {
    this.requireKeys();
    const session = {
      id: newUuid(),
      userId,
      clientId: FIRST_PARTY_CLIENT,
      resource: this.accessTokens.acceptResource(resource),
      refreshKid: this.refreshTokens.currentKid(),
    };
    const opened = await this.sessions.insert({ ...session, ...device }, tx);
    await this.sessionsService.endOldest(userId, by, tx);
    return opened;
  }

  /** @throws AuthError `storage_unavailable` when there is no key to sign a pair with. */
  requireKeys(): void {
    this.accessTokens.requireKey();
    this.refreshTokens.currentKid();
  }

  /** `resource` narrows the access token alone; without it, it is for what the session is for. */
  mint(moment: SessionAtMoment, roles: readonly string[], resource?: string): TokenPair {
    return {
      accessToken: this.accessTokens.issue(moment, roles, resource),
      refreshToken: this.refreshTokens.mint(moment.session),
      expiresIn: this.accessTokens.endOf(moment) - toSeconds(moment.now),
      refreshExpiresIn: toSeconds(moment.session.idleExpiresAt) - toSeconds(moment.now),
    };
  }
}
