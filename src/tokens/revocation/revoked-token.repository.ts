import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { deleteExpired, type ExpiredBatch, type PrunedBatch } from '../../database/expired-rows.js';
import { LEEWAY_SECONDS } from '../leeway.js';
import { NO_TARGET, Revocation, type RevocationLevel } from './revocation.entity.js';

/** What a token is called in the record. By its claims, never its text: one token can be spelt in several ways. */
export interface RevocableClaims {
  jti: string;
  /** Of tokens issued in a session; a client's have none. */
  sid?: string;
  sub: string;
  /** The issue number. */
  seq: number;
  /** The key that signed it. */
  kid: string;
}

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

// A record lives until the last token that it forbids has expired: of a token we know when, above it we take the
// longest life that was ever configured, since tokens issued under it may still be about.
const UNTIL_EVERY_TOKEN_EXPIRED = `
  clock_timestamp() + make_interval(secs => (SELECT longest_seconds FROM token_lifetimes) + ${LEEWAY_SECONDS})`;

// Told twice, a revocation is told once; of two cutoffs the later one holds, and says why and when.
const OR_EXTEND = `
  ON CONFLICT (level, target) DO UPDATE SET
    reason = CASE WHEN EXCLUDED.cutoff > revocations.cutoff THEN EXCLUDED.reason ELSE revocations.reason END,
    created_at = CASE WHEN EXCLUDED.cutoff > revocations.cutoff
      THEN EXCLUDED.created_at ELSE revocations.created_at END,
    cutoff = GREATEST(revocations.cutoff, EXCLUDED.cutoff),
    expires_at = GREATEST(revocations.expires_at, EXCLUDED.expires_at)`;

/**
 * The record of revocations. The guards ask it before a request reaches a controller. It answers from the database, or
 * throws: never "not revoked" for want of an answer.
 */
@Injectable()
export class RevokedTokenRepository {
  constructor(@InjectRepository(Revocation) private readonly revocations: Repository<Revocation>) {}

  async isRevoked({ jti, sid, sub, seq, kid }: RevocableClaims): Promise<boolean> {
    const [answer] = await this.revocations.query<[{ is_revoked: boolean }]>(
      `SELECT EXISTS (
         SELECT FROM revocations
         WHERE (level, target) IN (('token', $1), ('session', $2), ('user', $3), ('all', $4))
           AND (cutoff IS NULL OR cutoff > $5)
         UNION ALL
         SELECT FROM signing_keys WHERE kid = $6 AND forbidden_at IS NOT NULL
       ) AS is_revoked`,
      [jti, sid ?? null, sub, NO_TARGET, seq, kid],
    );
    return answer.is_revoked;
  }

  /** `expSeconds` is null where only the token's name is known. */
  async recordToken(jti: string, expSeconds: number | null, reason: string, tx: EntityManager): Promise<void> {
    await tx.query(
      `INSERT INTO revocations (level, target, reason, expires_at)
       VALUES ('token', $1, $2,
         COALESCE(to_timestamp($3) + make_interval(secs => ${LEEWAY_SECONDS}), ${UNTIL_EVERY_TOKEN_EXPIRED}))
       ${OR_EXTEND}`,
      [jti, reason, expSeconds],
    );
  }

  /** In one order, so that of two who record the same ones neither waits for the other in a circle. */
  async recordSessions(sids: readonly string[], reason: string, tx: EntityManager): Promise<void> {
    await tx.query(
      `INSERT INTO revocations (level, target, reason, expires_at)
       SELECT 'session', sid, $2, ${UNTIL_EVERY_TOKEN_EXPIRED}
       FROM unnest($1::uuid[]) AS sid ORDER BY sid ${OR_EXTEND}`,
      [sids, reason],
    );
  }

  /**
   * Cuts off everything issued to these users so far, one row each. The caller holds the lock of their rows: what is
   * issued after it gets a higher number, what was issued before it has a lower one.
   */
  async recordUsers(userIds: readonly string[], reason: string, tx: EntityManager): Promise<void> {
    await tx.query(
      `INSERT INTO revocations (level, target, cutoff, reason, expires_at)
       SELECT 'user', id, nextval('issue_numbers'), $2, ${UNTIL_EVERY_TOKEN_EXPIRED}
       FROM unnest($1::uuid[]) AS id ${OR_EXTEND}`,
      [userIds, reason],
    );
  }

  /**
   * Cuts off everything issued to anyone so far. A refresh that has not seen it yet may be under way; what comes of it has
   * the number under which its session was opened, so the cutoff forbids it all the same.
   */
  async recordAll(reason: string, tx: EntityManager): Promise<void> {
    await tx.query(
      `INSERT INTO revocations (level, target, cutoff, reason, expires_at)
       VALUES ('all', $1, nextval('issue_numbers'), $2, ${UNTIL_EVERY_TOKEN_EXPIRED}) ${OR_EXTEND}`,
      [NO_TARGET, reason],
    );
  }

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

  /** Remembers the longest lives that tokens can have; they never become shorter. */
  async rememberLifetimes(longestSeconds: number, longestAccessSeconds: number): Promise<void> {
    await this.revocations.query(
      `UPDATE token_lifetimes SET
         longest_seconds = GREATEST(longest_seconds, $1), longest_access_seconds = GREATEST(longest_access_seconds, $2)
       WHERE longest_seconds < $1 OR longest_access_seconds < $2`,
      [longestSeconds, longestAccessSeconds],
    );
  }

  /** Removes records that forbid nothing any more: the last token that each forbids has expired. */
  prune(batch: ExpiredBatch, tx: EntityManager): Promise<PrunedBatch> {
    return deleteExpired('revocations', batch, tx);
  }
}
