import { Injectable } from '@nestjs/common';
import { ANONYMOUS, aUser } from '../audit/actor.js';
import { AuditTrail } from '../audit/audit-trail.service.js';
import { Transactions } from '../database/transactions.js';
import { addressKey } from '../rate-limit/address-key.js';
import { RateLimiter } from '../rate-limit/rate-limiter.service.js';
import { type SessionRequest, type TokenPair, TokenPairService } from '../tokens/refresh/token-pair.service.js';
import { NewPasswords } from '../users/new-passwords.js';
import { UsersService } from '../users/users.service.js';
import { isThrottled } from './guess-throttle.service.js';

/** Makes an account and logs it in: both, or neither. */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly limiter: RateLimiter,
    private readonly users: UsersService,
    private readonly newPasswords: NewPasswords,
    private readonly tokenPairs: TokenPairService,
    private readonly transactions: Transactions,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws AuthError `validation_failed`, `too_many_requests`, `username_taken`, `invalid_target`. */
  async register(username: string, password: string, request: SessionRequest): Promise<TokenPair> {
    // Also what is then refused because the name is taken: that is how names are asked for.
    await this.count(request);
    const passwordHash = await this.newPasswords.hash({ password, username, field: 'password' });
    const opened = await this.transactions.run(async (tx) => {
      const user = await this.users.register(username, passwordHash, [], tx);
      const session = await this.tokenPairs.open(user.id, request, tx);
      const who = aUser(user.id);
      const facts = { by: request.by, actor: who, target: who, sessionId: session.session.id, details: {} };
      await this.audit.record('user.registered', facts, tx);
      return session;
    });
    return this.tokenPairs.mint(opened, []);
  }

  private async count({ device, by }: SessionRequest): Promise<void> {
    try {
      await this.limiter.count('registrations-at-address', addressKey(device.ip));
    } catch (error) {
      if (isThrottled(error)) {
        const details = { limit: error.reason };
        await this.audit.recordRefusal('registration.throttled', { by, actor: ANONYMOUS, target: null, details });
      }
      throw error;
    }
  }
}
