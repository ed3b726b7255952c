import { Injectable } from '@nestjs/common';
import { Transactions } from '../database/transactions.js';
import { addressKey } from '../rate-limit/address-key.js';
import { RateLimiter } from '../rate-limit/rate-limiter.service.js';
import { type SessionRequest, type TokenPair, TokenPairService } from '../tokens/refresh/token-pair.service.js';
import { NewPasswords } from '../users/new-passwords.js';
import { UsersService } from '../users/users.service.js';

/** Makes an account and logs it in: both, or neither. */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly limiter: RateLimiter,
    private readonly users: UsersService,
    private readonly newPasswords: NewPasswords,
    private readonly tokenPairs: TokenPairService,
    private readonly transactions: Transactions,
  ) {}

  /** @throws AuthError `validation_failed`, `too_many_requests`, `username_taken`, `invalid_target`. */
  async register(username: string, password: string, request: SessionRequest): Promise<TokenPair> {
    // Also what is then refused because the name is taken: that is how names are asked for.
    await this.limiter.count('registrations-at-address', addressKey(request.device.ip));
    const passwordHash = await this.newPasswords.hash({ password, username, field: 'password' });
    const opened = await this.transactions.run(async (tx) => {
      const user = await this.users.register(username, passwordHash, [], tx);
      return this.tokenPairs.open(user.id, request, tx);
    });
    return this.tokenPairs.mint(opened, []);
  }
}
