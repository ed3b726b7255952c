import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { AuditPurgeRepository } from '../../audit/audit-purge.repository.js';
import { ClientSecretPurgeRepository } from '../../clients/client-secret-purge.repository.js';
import { type ExpiredBatch, type ExpiringTable, type PrunedBatch } from '../../database/expired-rows.js';
import { RateLimitPurgeRepository } from '../../rate-limit/rate-limit-purge.repository.js';
import { RevocationRecordRepository } from '../revocation/revocation-record.repository.js';
import { SessionRepository } from '../sessions/session.repository.js';

export interface PurgedTable {
  name: ExpiringTable;
  prune(batch: ExpiredBatch, tx: EntityManager): Promise<PrunedBatch>;
}

/** What a sweep goes through, in this order. */
@Injectable()
export class PurgedTables {
  readonly all: readonly PurgedTable[];

  constructor(
    revocations: RevocationRecordRepository,
    sessions: SessionRepository,
    clientSecrets: ClientSecretPurgeRepository,
    rateLimits: RateLimitPurgeRepository,
    auditEvents: AuditPurgeRepository,
  ) {
    this.all = [
      { name: 'revocations', prune: (batch, tx) => revocations.prune(batch, tx) },
      { name: 'sessions', prune: (batch, tx) => sessions.prune(batch, tx) },
      { name: 'client_secrets', prune: (batch, tx) => clientSecrets.prune(batch, tx) },
      { name: 'rate_limits', prune: (batch, tx) => rateLimits.prune(batch, tx) },
      { name: 'audit_events', prune: (batch, tx) => auditEvents.prune(batch, tx) },
    ];
  }
}
