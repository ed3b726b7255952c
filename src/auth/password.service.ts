import { Injectable } from '@nestjs/common';
import { aUser } from '../audit/actor.js';
import { AuditTrail } from '../audit/audit-trail.service.js';
import { type Origin } from '../audit/origin.js';
import { AuthError } from '../common/errors/auth-error.js';
import { Transactions } from '../database/transactions.js';
import { type SessionRequest, type TokenPair, TokenPairService } from '../tokens/refresh/token-pair.service.js';
import { RevocationService } from '../tokens/revocation/revocation.service.js';
import { NewPasswords } from '../users/new-passwords.js';
import { type User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import { GuessThrottle, isThrottled } from './guess-throttle.service.js';

/** Changes passwords, which ends everything that was issued under the old one: one transaction for both. */
@Injectable()
export class PasswordService {
  constructor(
    private readonly throttle: GuessThrottle,
    private readonly users: UsersService,
    private readonly newPasswords: NewPasswords,
    private readonly revocations: RevocationService,
    private readonly tokenPairs: TokenPairService,
    private readonly transactions: Transactions,
    private readonly audit: AuditTrail,
  ) {}

  /** By the user, who stays logged in, with a new session. @throws AuthError `wrong_password`, `too_many_requests`, `user_not_found`, `validation_failed`. */
  async change(id: string, current: string, next: string, request: SessionRequest): Promise<TokenPair> {
    try {
      return await this.verifyAndChange(id, current, next, request);
    } catch (error) {
      await this.recordRefusal(id, error, request.by);
      throw error;
    }
  }

  /** By an administrator. @throws AuthError `user_not_found`, `validation_failed`. */
  async reset(id: string, next: string, by: Origin): Promise<void> {
    const { username } = await this.users.get(id);
    const passwordHash = await this.accept(username, next);
    await this.transactions.run(async (tx) => {
      await this.users.lockForChange(id, tx);
      await this.users.setPassword(id, passwordHash, tx);
      await this.revocations.cutOffUsers([id], 'password_change', tx);
      await this.audit.record('password.reset', { by, target: aUser(id), details: {} }, tx);
    });
  }

  private async verifyAndChange(
    id: string,
    current: string,
    next: string,
    request: SessionRequest,
  ): Promise<TokenPair> {
    const verified = await this.verify(id, current, request.device.ip);
    const passwordHash = await this.accept(verified.username, next);
    const opened = await this.transactions.run(async (tx) => {
      const { passwordVersion, roles, disabledAt } = await this.users.lockForChange(id, tx);
      // Hashing takes long enough for another change, or a disabling, to come first: then it is that one which counts.
      if (disabledAt) throw new AuthError('invalid_token', { reason: 'disabled meanwhile' });
      if (passwordVersion !== verified.passwordVersion) throw new AuthError('wrong_password');
      await this.users.setPassword(id, passwordHash, tx);
      await this.revocations.cutOffUsers([id], 'password_change', tx);
      await this.audit.record('password.changed', { by: request.by, target: aUser(id), details: {} }, tx);
      // After the cutoff, so that its issue number is the higher one.
      return { roles, session: await this.tokenPairs.open(id, request, tx) };
    });
    return this.tokenPairs.mint(opened.session, opened.roles);
  }

  private async recordRefusal(id: string, error: unknown, by: Origin): Promise<void> {
    const target = aUser(id);
    if (isThrottled(error)) {
      const details = { limit: error.reason };
      await this.audit.recordRefusal('password_change.throttled', { by, target, details });
    } else if (error instanceof AuthError && error.code === 'wrong_password') {
      await this.audit.recordRefusal('password_change.refused', { by, target, details: {} });
    }
  }

  /** Counted like logins: whoever has got hold of a token must not have more tries at the password than others. */
  private async verify(id: string, password: string, ip: string | null): Promise<User> {
    const { username } = await this.users.get(id);
    const checked = await this.throttle.attempt({ username, ip }, () => this.users.checkPassword(id, password));
    if (!checked.isRight) throw new AuthError('wrong_password');
    return checked.user;
  }

  private accept(username: string, password: string): Promise<string> {
    return this.newPasswords.hash({ password, username, field: 'new_password' });
  }
}
