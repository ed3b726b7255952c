import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { Environment } from '../config/environment.js';
import { deleteExpired, type ExpiredBatch, type PrunedBatch } from '../database/expired-rows.js';

const DAY_SECONDS = 24 * 60 * 60;

/** Removes rows that are older than they have to be kept, by what is configured now and not when they were written. */
@Injectable()
export class AuditPurgeRepository {
  constructor(private readonly environment: Environment) {}

  async prune(batch: ExpiredBatch, tx: EntityManager): Promise<PrunedBatch> {
    const { auditRetentionDays } = this.environment;
    if (auditRetentionDays === 0) return { count: 0, reached: batch.from, workedMs: 0 };
    return deleteExpired(
      'audit_events',
      { ...batch, graceSeconds: batch.graceSeconds + auditRetentionDays * DAY_SECONDS },
      tx,
    );
  }
}
