import { Injectable } from '@nestjs/common';
import { aUser } from '../../audit/actor.js';
import { AuditTrail } from '../../audit/audit-trail.service.js';
import { type Origin } from '../../audit/origin.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { Environment } from '../../config/environment.js';
import { Transactions } from '../../database/transactions.js';
import { SessionChainRepository, type SessionOfUser } from '../sessions/session-chain.repository.js';
import { type SessionAtMoment } from '../sessions/session-row.js';
import { type Session } from '../sessions/session.entity.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { type RefreshTokenClaims } from './refresh-token.service.js';

/** What a refresh token gets that could not be spent: its successor once more, or the end of its session. */
@Injectable()
export class SpentTokenService {
  constructor(
    private readonly chain: SessionChainRepository,
    private readonly sessions: SessionsService,
    private readonly transactions: Transactions,
    private readonly environment: Environment,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * The session as its successor was minted from it, when this is a retry. Null otherwise: then, if it was spent before
   * and a stranger may hold it, its session has been ended, and that is committed.
   *
   * @throws AuthError `invalid_target` when all that is wrong is the resource.
   */
  async retry(
    { sid, generation }: RefreshTokenClaims,
    by: Origin,
    resource: string | null,
  ): Promise<SessionOfUser | null> {
    return this.transactions.run(async (tx) => {
      const found = await this.chain.findLivingForChange(sid, tx);
      if (!found) return null;
      if (this.isReuse(found, generation)) {
        await this.sessions.endIn(tx, sid, 'reuse');
        // Whoever it was, the user or a thief: the token says no more.
        const who = aUser(found.session.userId);
        const facts = { by, actor: who, target: who, sessionId: sid, details: { generation } };
        await this.audit.record('refresh_token.reused', facts, tx);
        return null;
      }
      this.checkResource(found.session, resource);
      return found.session.generation > generation ? found : null;
    });
  }

  private isReuse(found: SessionAtMoment, generation: number): boolean {
    return found.session.generation > generation && !this.isRetry(found, generation);
  }

  /** RFC 8707 §2.2: an access token may be for less than the session is for, and not for more. */
  private checkResource({ resource: granted }: Session, resource: string | null): void {
    const audience = granted === null ? this.environment.audience : [granted];
    if (resource !== null && !audience.includes(resource)) throw new AuthError('invalid_target');
  }

  /**
   * A client whose answer was lost sends the same token again, soon, and nobody has used the successor yet. It gets the
   * very same successor, so no second chain can start.
   */
  private isRetry({ session, now }: SessionAtMoment, generation: number): boolean {
    const ageMs = now.getTime() - session.rotatedAt.getTime();
    return session.generation === generation + 1 && ageMs < this.environment.refreshRetryWindowSeconds * 1000;
  }
}
