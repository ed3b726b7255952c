import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { deleteExpired, type ExpiredBatch, type PrunedBatch } from '../database/expired-rows.js';

/** Removes counts whose time is over. */
@Injectable()
export class RateLimitPurgeRepository {
  prune(batch: ExpiredBatch, tx: EntityManager): Promise<PrunedBatch> {
    return deleteExpired('rate_limits', batch, tx);
  }
}
