import { Injectable } from '@nestjs/common';
import { ANONYMOUS, aUser } from '../audit/actor.js';
import { AuditTrail } from '../audit/audit-trail.service.js';
import { type Origin } from '../audit/origin.js';
import { AuthError } from '../common/errors/auth-error.js';
import { Transactions } from '../database/transactions.js';
import { type SessionRequest, type TokenPair, TokenPairService } from '../tokens/refresh/token-pair.service.js';
import { type User } from '../users/user.entity.js';
import { type CredentialCheck, UsersService } from '../users/users.service.js';
import { GuessThrottle, isThrottled } from './guess-throttle.service.js';

export interface Login {
  /** As it was registered, however it was spelt at the login. */
  username: string;
  pair: TokenPair;
}

/** Opens a session for a right name and password. */
@Injectable()
export class LoginService {
  constructor(
    private readonly throttle: GuessThrottle,
    private readonly users: UsersService,
    private readonly tokenPairs: TokenPairService,
    private readonly transactions: Transactions,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws AuthError `invalid_credentials`, whatever was wrong with them; `too_many_requests`, `invalid_target`. */
  async login(username: string, password: string, request: SessionRequest): Promise<Login> {
    const checked = await this.check(username, password, request);
    if (!checked.isRight) return this.refuse(checked.user, checked.fault, request.by);
    const opened = await this.open(checked.user, request);
    if (!opened) return this.refuse(checked.user, 'changed_meanwhile', request.by);
    return { username: checked.user.username, pair: this.tokenPairs.mint(opened.session, opened.roles) };
  }

  private async check(username: string, password: string, { device, by }: SessionRequest): Promise<CredentialCheck> {
    try {
      return await this.throttle.attempt({ username, ip: device.ip }, () =>
        this.users.checkCredentials(username, password),
      );
    } catch (error) {
      if (isThrottled(error)) {
        const details = { limit: error.reason };
        await this.audit.recordRefusal('login.throttled', { by, actor: ANONYMOUS, target: null, details });
      }
      throw error;
    }
  }

  /** Null when the user has changed: the check of a password takes long, and the old one must not open a session. */
  private open(verified: User, request: SessionRequest) {
    return this.transactions.run(async (tx) => {
      const user = await this.users.lockForIssuing(verified.id, tx);
      if (user?.passwordVersion !== verified.passwordVersion) return null;
      const session = await this.tokenPairs.open(user.id, request, tx);
      const who = aUser(user.id);
      const facts = { by: request.by, actor: who, target: who, sessionId: session.session.id, details: {} };
      await this.audit.record('login.succeeded', facts, tx);
      return { roles: user.roles, session };
    });
  }

  /** In the same way whatever was wrong, since an answer that takes longer tells as much as one that says more. */
  private async refuse(user: User | null, reason: string, by: Origin): Promise<never> {
    const target = user && aUser(user.id);
    await this.audit.recordRefusal('login.refused', { by, actor: ANONYMOUS, target, details: { reason } });
    throw new AuthError('invalid_credentials', { reason });
  }
}
