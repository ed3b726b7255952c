import { Injectable } from '@nestjs/common';
import { AuthError } from '../common/errors/auth-error.js';
import { Transactions } from '../database/transactions.js';
import { type SessionRequest, type TokenPair, TokenPairService } from '../tokens/refresh/token-pair.service.js';
import { UsersService } from '../users/users.service.js';
import { GuessThrottle } from './guess-throttle.service.js';

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
  ) {}

  /** @throws AuthError `invalid_credentials`, whatever was wrong with them; `too_many_requests`, `invalid_target`. */
  async login(username: string, password: string, request: SessionRequest): Promise<Login> {
    const verified = await this.throttle.attempt({ username, ip: request.device.ip }, () =>
      this.users.findByCredentials(username, password),
    );
    if (!verified) throw new AuthError('invalid_credentials');
    const opened = await this.transactions.run(async (tx) => {
      const user = await this.users.lockForIssuing(verified.id, tx);
      // The check of a password takes long enough for it to be changed meanwhile: the old one must not open a session.
      if (user?.passwordVersion !== verified.passwordVersion)
        throw new AuthError('invalid_credentials', { reason: 'changed meanwhile' });
      return { roles: user.roles, session: await this.tokenPairs.open(user.id, request, tx) };
    });
    return { username: verified.username, pair: this.tokenPairs.mint(opened.session, opened.roles) };
  }
}
