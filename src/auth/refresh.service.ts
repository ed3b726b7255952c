import { Injectable } from '@nestjs/common';
import { AuthError } from '../common/errors/auth-error.js';
import { Transactions } from '../database/transactions.js';
import { type RefreshTokenClaims } from '../tokens/refresh/refresh-token.service.js';
import { type TokenPair, TokenPairService } from '../tokens/refresh/token-pair.service.js';
import { UsersService } from '../users/users.service.js';

/** Spends a refresh token for the next pair of its session. */
@Injectable()
export class RefreshService {
  constructor(
    private readonly users: UsersService,
    private readonly tokenPairs: TokenPairService,
    private readonly transactions: Transactions,
  ) {}

  /** @throws AuthError `invalid_token`; a session that was ended for it stays ended. */
  async refresh(claims: RefreshTokenClaims): Promise<TokenPair> {
    const rotated = await this.transactions.run(async (tx) => {
      const user = await this.users.lockForIssuing(claims.sub, tx);
      const session = user && (await this.tokenPairs.rotate(claims, tx));
      return session && { session, roles: user.roles };
    });
    // Refused only now: thrown inside, it would undo the end of the session whose token was reused.
    if (!rotated) throw new AuthError('invalid_token', { reason: 'spent, ended or cut off' });
    return this.tokenPairs.mint(rotated.session, rotated.roles);
  }
}
