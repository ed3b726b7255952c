import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { Environment } from '../../config/environment.js';
import { Transactions } from '../../database/transactions.js';
import { type RevocationReason } from './revocation.entity.js';
import { RevokedTokenRepository } from './revoked-token.repository.js';

/** Forbids tokens. What it answers as done is stored; what could not be stored, it throws. */
@Injectable()
export class RevocationService {
  constructor(
    private readonly revokedTokens: RevokedTokenRepository,
    private readonly transactions: Transactions,
    private readonly environment: Environment,
  ) {}

  /** Before the first token is issued: how long a revocation made from now on has to last. */
  async rememberLifetimes(): Promise<void> {
    const { accessTokenTtlSeconds, refreshTokenTtlSeconds } = this.environment;
    const longest = Math.max(accessTokenTtlSeconds, refreshTokenTtlSeconds);
    await this.revokedTokens.rememberLifetimes(longest, accessTokenTtlSeconds);
  }

  /** Forbids one token. */
  async revokeToken({ jti, exp }: { jti: string; exp: number }, reason: RevocationReason): Promise<void> {
    await this.transactions.run((tx) => this.revokedTokens.recordToken(jti, exp, reason, tx));
  }

  /** Forbids everything issued to these users so far. The caller holds the lock of their rows. */
  async cutOffUsers(userIds: readonly string[], reason: string, tx: EntityManager): Promise<void> {
    if (userIds.length > 0) await this.revokedTokens.recordUsers(userIds, reason, tx);
  }
}
