import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { Transactions } from '../../database/transactions.js';
import { type RevocationReason } from '../revocation/revocation.entity.js';
import { RevokedTokenRepository } from '../revocation/revoked-token.repository.js';
import { SessionRepository } from './session.repository.js';

/** Ends sessions: neither its refresh token nor any access token issued in it passes afterwards. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly revokedTokens: RevokedTokenRepository,
    private readonly transactions: Transactions,
  ) {}

  async end(sid: string, reason: RevocationReason): Promise<void> {
    await this.transactions.run((tx) => this.endIn(tx, sid, reason));
  }

  /** As part of a transaction that does more. */
  async endIn(tx: EntityManager, sid: string, reason: RevocationReason): Promise<void> {
    await this.sessions.markRevoked(sid, tx);
    await this.revokedTokens.recordSession(sid, reason, tx);
  }
}
