import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { aClient, aUser } from '../../audit/actor.js';
import { AuditTrail } from '../../audit/audit-trail.service.js';
import { type Origin } from '../../audit/origin.js';
import { Environment } from '../../config/environment.js';
import { Transactions } from '../../database/transactions.js';
import { type RevocationReason } from './revocation.entity.js';
import { RevokedTokenRepository } from './revoked-token.repository.js';

/** What has to be known of a token to forbid it, and to tell whose it was. */
interface RevokedToken {
  jti: string;
  exp: number;
  sub: string;
  /** Of a user's. */
  sid?: string;
}

/** Forbids tokens. What it answers as done is stored; what could not be stored, it throws. */
@Injectable()
export class RevocationService {
  constructor(
    private readonly revokedTokens: RevokedTokenRepository,
    private readonly transactions: Transactions,
    private readonly environment: Environment,
    private readonly audit: AuditTrail,
  ) {}

  /** Before the first token is issued: how long a revocation made from now on has to last. */
  async rememberLifetimes(): Promise<void> {
    const { accessTokenTtlSeconds, refreshTokenTtlSeconds } = this.environment;
    const longest = Math.max(accessTokenTtlSeconds, refreshTokenTtlSeconds);
    await this.revokedTokens.rememberLifetimes(longest, accessTokenTtlSeconds);
  }

  /** Forbids one token. */
  async revokeToken({ jti, exp, sub, sid }: RevokedToken, reason: RevocationReason, by: Origin): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.revokedTokens.recordToken(jti, exp, reason, tx);
      const target = sid === undefined ? aClient(sub) : aUser(sub);
      const facts = { by, target, sessionId: sid ?? null, details: { jti, reason } };
      await this.audit.record('access_token.revoked', facts, tx);
    });
  }

  /** Forbids everything issued to these users so far. The caller holds the lock of their rows. */
  async cutOffUsers(userIds: readonly string[], reason: string, tx: EntityManager): Promise<void> {
    if (userIds.length > 0) await this.revokedTokens.recordUsers(userIds, reason, tx);
  }
}
