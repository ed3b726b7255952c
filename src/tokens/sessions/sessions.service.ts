import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { aUser } from '../../audit/actor.js';
import { AuditTrail } from '../../audit/audit-trail.service.js';
import { type Origin } from '../../audit/origin.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { Environment } from '../../config/environment.js';
import { Transactions } from '../../database/transactions.js';
import { type RevocationReason } from '../revocation/revocation.entity.js';
import { RevokedTokenRepository } from '../revocation/revoked-token.repository.js';
import { type Session } from './session.entity.js';
import { SessionRepository } from './session.repository.js';

/** Ends sessions: neither its refresh token nor any access token issued in it passes afterwards. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly revokedTokens: RevokedTokenRepository,
    private readonly transactions: Transactions,
    private readonly environment: Environment,
    private readonly audit: AuditTrail,
  ) {}

  /** The sessions of a user that could still be refreshed, the newest first. */
  list(userId: string): Promise<Session[]> {
    return this.sessions.findLiving(userId);
  }

  /** Ends a session of this user. @throws AuthError `session_not_found`, also for somebody else's. */
  async endOwn(userId: string, sid: string, reason: RevocationReason, by: Origin): Promise<void> {
    const living = await this.sessions.findLiving(userId);
    if (!living.some(({ id }) => id === sid)) throw new AuthError('session_not_found');
    await this.end(sid, reason, by);
  }

  /**
   * Ends the oldest sessions of a user beyond the number that is allowed. Logins at once do not wait for one another, so
   * they may leave a few more; the next login ends those too.
   */
  async endOldest(userId: string, by: Origin, tx: EntityManager): Promise<void> {
    const ended = await this.sessions.markOldestRevoked(userId, this.environment.sessionsPerUser, tx);
    await this.record(ended, 'too_many', tx);
    const who = aUser(userId);
    const each = ended.map((sessionId) => ({
      by,
      actor: who,
      target: who,
      sessionId,
      details: { reason: 'too_many' },
    }));
    await this.audit.recordEach('session.ended', each, tx);
  }

  /**
   * Ends every session of a user but one, and answers how many. The caller holds the lock of the user's row, so none opens
   * or rotates meanwhile.
   */
  async endOthers(userId: string, keptSid: string, tx: EntityManager): Promise<number> {
    const ended = await this.sessions.markOthersRevoked(userId, keptSid, tx);
    await this.record(ended, 'logout', tx);
    return ended.length;
  }

  async end(sid: string, reason: RevocationReason, by: Origin): Promise<void> {
    await this.transactions.run(async (tx) => {
      const userId = await this.endIn(tx, sid, reason);
      const target = userId === null ? ({ type: 'session', id: sid } as const) : aUser(userId);
      await this.audit.record('session.ended', { by, target, sessionId: sid, details: { reason } }, tx);
    });
  }

  /** As part of a transaction that does more, and tells why. Answers whose it was; null when nothing was left to end. */
  async endIn(tx: EntityManager, sid: string, reason: string): Promise<string | null> {
    const userId = await this.sessions.markRevoked(sid, tx);
    await this.record([sid], reason, tx);
    return userId;
  }

  private async record(sids: string[], reason: string, tx: EntityManager): Promise<void> {
    if (sids.length > 0) await this.revokedTokens.recordSessions(sids, reason, tx);
  }
}
