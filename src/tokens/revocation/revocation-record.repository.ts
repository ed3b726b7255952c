import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { deleteExpired, type ExpiredBatch, type PrunedBatch } from '../../database/expired-rows.js';
import { Revocation, type RevocationLevel } from './revocation.entity.js';

/** Where a page of the list of records begins: after this one. */
export interface RevocationCursor {
  createdAtMicros: string;
  level: RevocationLevel;
  target: string;
}

export interface RevocationPage {
  records: Revocation[];
  next: RevocationCursor | null;
}

// Microseconds, as PostgreSQL keeps them: a JavaScript Date would cut them off and skip rows.
const CREATED_AT_MICROS = '(extract(epoch FROM revocation.created_at) * 1000000)::bigint';
const CURSOR = `(
  timestamptz 'epoch' + CAST(:createdAtMicros AS bigint) * interval '1 microsecond', CAST(:level AS text),
  CAST(:target AS uuid))`;

/** The record of revocations as people read it, and as it is forgotten. */
@Injectable()
export class RevocationRecordRepository {
  constructor(@InjectRepository(Revocation) private readonly revocations: Repository<Revocation>) {}

  /** What is on record of a target: what the transaction has just written, for instance. */
  find(level: RevocationLevel, target: string, tx: EntityManager): Promise<Revocation | null> {
    return tx.getRepository(Revocation).findOneBy({ level, target });
  }

  /** Newest first, of one level or, for null, of all. */
  async findPage(
    level: RevocationLevel | null,
    after: RevocationCursor | null,
    limit: number,
  ): Promise<RevocationPage> {
    const query = this.revocations
      .createQueryBuilder('revocation')
      .addSelect(CREATED_AT_MICROS, 'micros')
      .orderBy('revocation.created_at', 'DESC')
      .addOrderBy('revocation.level', 'DESC')
      .addOrderBy('revocation.target', 'DESC')
      // One more than asked for tells whether there is a next page.
      .limit(limit + 1);
    if (level !== null) query.andWhere('revocation.level = :onlyLevel', { onlyLevel: level });
    // The columns as the index has them, so that the last page costs no more than the first.
    if (after) query.andWhere(`(revocation.created_at, revocation.level, revocation.target) < ${CURSOR}`, after);
    const { entities, raw } = await query.getRawAndEntities<{ micros: string }>();
    const last = entities.length > limit ? entities[limit - 1]! : null;
    return {
      records: entities.slice(0, limit),
      next: last && { createdAtMicros: raw[limit - 1]!.micros, level: last.level, target: last.target },
    };
  }

  /** Removes records that forbid nothing any more: the last token that each forbids has expired. */
  prune(batch: ExpiredBatch, tx: EntityManager): Promise<PrunedBatch> {
    return deleteExpired('revocations', batch, tx);
  }
}
