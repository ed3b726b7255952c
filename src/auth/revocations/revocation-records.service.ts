import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { AuditTrail } from '../../audit/audit-trail.service.js';
import { type Origin } from '../../audit/origin.js';
import { ClientsService } from '../../clients/clients.service.js';
import { Transactions } from '../../database/transactions.js';
import { NO_TARGET, type Revocation, type RevocationLevel } from '../../tokens/revocation/revocation.entity.js';
import {
  type RevocationCursor,
  type RevocationPage,
  RevocationRecordRepository,
} from '../../tokens/revocation/revocation-record.repository.js';
import { RevokedTokenRepository } from '../../tokens/revocation/revoked-token.repository.js';
import { SessionsService } from '../../tokens/sessions/sessions.service.js';
import { UsersService } from '../../users/users.service.js';

/** What an administrator forbids: what the id names at this level, or everything, which has none. */
export type Target = { level: 'all' } | { level: Exclude<RevocationLevel, 'all'>; id: string };

/** The record of revocations, as administrators read it and add to it. They need not know whether an id is anybody's. */
@Injectable()
export class RevocationRecordsService {
  constructor(
    private readonly records: RevocationRecordRepository,
    private readonly revokedTokens: RevokedTokenRepository,
    private readonly sessions: SessionsService,
    private readonly users: UsersService,
    private readonly clients: ClientsService,
    private readonly transactions: Transactions,
    private readonly audit: AuditTrail,
  ) {}

  list(level: RevocationLevel | null, after: RevocationCursor | null, limit: number): Promise<RevocationPage> {
    return this.records.findPage(level, after, limit);
  }

  /** Forbids, and answers what is on record of it from now on. */
  async forbid(target: Target, reason: string, by: Origin): Promise<Revocation> {
    return this.transactions.run(async (tx) => {
      await this.record(target, reason, tx);
      const { level } = target;
      const told = { type: level, id: level === 'all' ? null : target.id };
      const sessionId = level === 'session' ? target.id : undefined;
      const facts = { by, target: told, ...(sessionId !== undefined && { sessionId }), details: { reason } };
      await this.audit.record('revocation.recorded', facts, tx);
      return (await this.records.find(level, level === 'all' ? NO_TARGET : target.id, tx))!;
    });
  }

  private async record(target: Target, reason: string, tx: EntityManager): Promise<void> {
    switch (target.level) {
      case 'token':
        return this.revokedTokens.recordToken(target.id, null, reason, tx);
      case 'session':
        await this.sessions.endIn(tx, target.id, reason);
        return;
      case 'user':
        return this.cutOff(target.id, reason, tx);
      case 'all':
        return this.revokedTokens.recordAll(reason, tx);
      default:
        return target satisfies never;
    }
  }

  /** Issuing to a user or a client locks its row, so that with the lock every token has come before, or will come after. */
  private async cutOff(id: string, reason: string, tx: EntityManager): Promise<void> {
    await this.users.lockIfThere(id, tx);
    await this.clients.lockIfThere(id, tx);
    await this.revokedTokens.recordUsers([id], reason, tx);
  }
}
