import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { deleteExpired, type ExpiredBatch, type PrunedBatch } from '../database/expired-rows.js';

/** Removes the secrets of clients that have ended. One without an end never goes this way. */
@Injectable()
export class ClientSecretPurgeRepository {
  prune(batch: ExpiredBatch, tx: EntityManager): Promise<PrunedBatch> {
    return deleteExpired('client_secrets', batch, tx);
  }
}
