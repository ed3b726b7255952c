import { Injectable } from '@nestjs/common';
import { type Origin } from '../../audit/origin.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { SessionChainRepository } from '../sessions/session-chain.repository.js';
import { type RefreshTokenClaims, RefreshTokenService } from './refresh-token.service.js';
import { SpentTokenService } from './spent-token.service.js';
import { type TokenPair, TokenPairService } from './token-pair.service.js';

/** Spends refresh tokens, each once, for the next pair of its session. */
@Injectable()
export class RefreshService {
  constructor(
    private readonly chain: SessionChainRepository,
    private readonly spentTokens: SpentTokenService,
    private readonly refreshTokens: RefreshTokenService,
    private readonly tokenPairs: TokenPairService,
  ) {}

  /**
   * `resource` is the one audience that the access token is to be for, of those of the session (RFC 8707 §2.2); without
   * it, all of them.
   *
   * @throws AuthError `invalid_target`, which spends nothing; `invalid_token`: a session that was ended for it stays ended.
   */
  async refresh(claims: RefreshTokenClaims, by: Origin, resource?: string): Promise<TokenPair> {
    // Before anything is spent: a pair that could not be signed would be lost.
    this.tokenPairs.requireKeys();
    const kid = this.refreshTokens.currentKid();
    const rotated =
      (await this.chain.rotate(claims.sid, claims.generation, kid, resource ?? null)) ??
      (await this.spentTokens.retry(claims, by, resource ?? null));
    if (!rotated) throw new AuthError('invalid_token', { reason: 'spent, ended or cut off' });
    return this.tokenPairs.mint(rotated, rotated.roles, resource);
  }
}
