import { Injectable } from '@nestjs/common';
import { Transactions } from '../database/transactions.js';
import { type SessionRequest, type TokenPair, TokenPairService } from '../tokens/refresh/token-pair.service.js';
import { PasswordHasher } from '../users/password-hasher.js';
import { PasswordPolicy } from '../users/password-policy.js';
import { UsersService } from '../users/users.service.js';

/** Makes an account and logs it in: both, or neither. */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly users: UsersService,
    private readonly policy: PasswordPolicy,
    private readonly hasher: PasswordHasher,
    private readonly tokenPairs: TokenPairService,
    private readonly transactions: Transactions,
  ) {}

  /** @throws AuthError `validation_failed`, `username_taken`, `invalid_target`. */
  async register(username: string, password: string, request: SessionRequest): Promise<TokenPair> {
    await this.policy.check({ password, username, field: 'password' });
    const passwordHash = await this.hasher.hash(password);
    const opened = await this.transactions.run(async (tx) => {
      const user = await this.users.register(username, passwordHash, [], tx);
      return this.tokenPairs.open(user.id, request, tx);
    });
    return this.tokenPairs.mint(opened, []);
  }
}
