import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { LEEWAY_SECONDS } from '../leeway.js';
import { NO_TARGET, Revocation, type RevocationReason } from './revocation.entity.js';

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

// A record lives until the last token that it forbids has expired: of a token we know when, above it we take the
// longest life that was ever configured, since tokens issued under it may still be about.
const UNTIL_EVERY_TOKEN_EXPIRED = `
  clock_timestamp() + make_interval(secs => (SELECT longest_seconds FROM token_lifetimes) + ${LEEWAY_SECONDS})`;

// Told twice, a revocation is told once; of two cutoffs the later one holds.
const OR_EXTEND = `
  ON CONFLICT (level, target) DO UPDATE SET
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
  async recordToken(
    jti: string,
    expSeconds: number | null,
    reason: RevocationReason,
    tx: EntityManager,
  ): Promise<void> {
    await tx.query(
      `INSERT INTO revocations (level, target, reason, expires_at)
       VALUES ('token', $1, $2,
         COALESCE(to_timestamp($3) + make_interval(secs => ${LEEWAY_SECONDS}), ${UNTIL_EVERY_TOKEN_EXPIRED}))
       ${OR_EXTEND}`,
      [jti, reason, expSeconds],
    );
  }

  async recordSession(sid: string, reason: RevocationReason, tx: EntityManager): Promise<void> {
    await tx.query(
      `INSERT INTO revocations (level, target, reason, expires_at)
       VALUES ('session', $1, $2, ${UNTIL_EVERY_TOKEN_EXPIRED}) ${OR_EXTEND}`,
      [sid, reason],
    );
  }

  /**
   * Cuts off everything issued to these users so far, one row each. The caller holds the lock of their rows: what is
   * issued after it gets a higher number, what was issued before it has a lower one.
   */
  async recordUsers(userIds: readonly string[], reason: RevocationReason, tx: EntityManager): Promise<void> {
    await tx.query(
      `INSERT INTO revocations (level, target, cutoff, reason, expires_at)
       SELECT 'user', id, nextval('issue_numbers'), $2, ${UNTIL_EVERY_TOKEN_EXPIRED}
       FROM unnest($1::uuid[]) AS id ${OR_EXTEND}`,
      [userIds, reason],
    );
  }

  /**
   * Cuts off everything issued to anyone so far. A refresh that has not seen it yet may be under way, so it waits for
   * those, and those that come wait for it: writing a session needs a lock that this one keeps others from.
   */
  async recordAll(reason: RevocationReason, tx: EntityManager): Promise<void> {
    await tx.query('LOCK TABLE sessions IN SHARE MODE');
    await tx.query(
      `INSERT INTO revocations (level, target, cutoff, reason, expires_at)
       VALUES ('all', $1, nextval('issue_numbers'), $2, ${UNTIL_EVERY_TOKEN_EXPIRED}) ${OR_EXTEND}`,
      [NO_TARGET, reason],
    );
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
}
