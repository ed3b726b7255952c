import { Injectable } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import { type RevocableClaims, type RevocationRecord } from '@recant/revocation-set';
import { EntityManager } from 'typeorm';
import { Transactions } from '../../database/transactions.js';
import { LEEWAY_SECONDS } from '../leeway.js';
import { NO_TARGET } from './revocation.entity.js';
import { RevocationFeed } from './revocation-feed.service.js';
import { RevocationMemory } from './revocation-memory.js';
import { RevocationQuestions } from './revocation-questions.js';

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

/** What a statement that records something answers of it. */
const AS_RECORDS = `
  RETURNING level, target::text, cutoff::float8,
    record_expiry_seconds(expires_at)::float8 AS "expiresAtSeconds"`;

/**
 * The record of revocations. The guards ask it before a request reaches a controller. It answers from memory while it is
 * proved that nothing is missing there, otherwise from the database; without an answer it throws, and never says "not
 * revoked" for want of one.
 */
@Injectable()
export class RevokedTokenRepository {
  constructor(
    @InjectEntityManager() private readonly manager: EntityManager,
    private readonly feed: RevocationFeed,
    private readonly memory: RevocationMemory,
    private readonly questions: RevocationQuestions,
    private readonly transactions: Transactions,
  ) {}

  /** A promise only where the database has to be asked: to wait for one takes longer than memory does. */
  isRevoked(claims: RevocableClaims): boolean | Promise<boolean> {
    return this.feed.isInSync() ? this.memory.forbids(claims) : this.questions.ask(claims);
  }

  /** `expSeconds` is null where only the token's name is known. */
  async recordToken(jti: string, expSeconds: number | null, reason: string, tx: EntityManager): Promise<void> {
    await this.record(
      tx,
      `INSERT INTO revocations (level, target, reason, expires_at)
       VALUES ('token', $1, $2,
         COALESCE(to_timestamp($3) + make_interval(secs => ${LEEWAY_SECONDS}), ${UNTIL_EVERY_TOKEN_EXPIRED}))
       ${OR_EXTEND}`,
      [jti, reason, expSeconds],
    );
  }

  /** In one order, so that of two who record the same ones neither waits for the other in a circle. */
  async recordSessions(sids: readonly string[], reason: string, tx: EntityManager): Promise<void> {
    await this.record(
      tx,
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
    await this.record(
      tx,
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
    await this.record(
      tx,
      `INSERT INTO revocations (level, target, cutoff, reason, expires_at)
       VALUES ('all', $1, nextval('issue_numbers'), $2, ${UNTIL_EVERY_TOKEN_EXPIRED}) ${OR_EXTEND}`,
      [NO_TARGET, reason],
    );
  }

  /** Remembers the longest lives that tokens can have; they never become shorter. */
  async rememberLifetimes(longestSeconds: number, longestAccessSeconds: number): Promise<void> {
    await this.manager.query(
      `UPDATE token_lifetimes SET
         longest_seconds = GREATEST(longest_seconds, $1), longest_access_seconds = GREATEST(longest_access_seconds, $2)
       WHERE longest_seconds < $1 OR longest_access_seconds < $2`,
      [longestSeconds, longestAccessSeconds],
    );
  }

  /**
   * Records, and lets this instance refuse from the moment on which its answer can be sent. Also when nobody knows whether
   * the COMMIT was done: what is forbidden in vain is forgotten with the next reading, and the caller tries again.
   */
  private async record(tx: EntityManager, statement: string, values: unknown[]): Promise<void> {
    const records = await tx.query<RevocationRecord[]>(`${statement} ${AS_RECORDS}`, values);
    this.transactions.afterCommit(tx, () => records.forEach((record) => this.memory.apply(record)));
  }
}
