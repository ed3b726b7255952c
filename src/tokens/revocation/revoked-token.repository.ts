import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { LEEWAY_SECONDS } from '../leeway.js';
import { NO_TARGET, Revocation, type RevocationReason } from './revocation.entity.js';

/** What a token is called in the record. By its claims, never its text: one token can be spelt in several ways. */
export interface RevocableClaims {
  jti: string;
  sid: string;
  sub: string;
  /** The issue number. */
  seq: number;
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

  async isRevoked({ jti, sid, sub, seq }: RevocableClaims): Promise<boolean> {
    const [answer] = await this.revocations.query<[{ is_revoked: boolean }]>(
      `SELECT EXISTS (
         SELECT FROM revocations
         WHERE (level, target) IN (('token', $1), ('session', $2), ('user', $3), ('all', $4))
           AND (cutoff IS NULL OR cutoff > $5)
       ) AS is_revoked`,
      [jti, sid, sub, NO_TARGET, seq],
    );
    return answer.is_revoked;
  }

  async recordToken(jti: string, expSeconds: number, reason: RevocationReason, tx: EntityManager): Promise<void> {
    await tx.query(
      `INSERT INTO revocations (level, target, reason, expires_at)
       VALUES ('token', $1, $2, to_timestamp($3) + make_interval(secs => ${LEEWAY_SECONDS})) ${OR_EXTEND}`,
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

  /** Remembers the longest life that a token can have; it never becomes shorter. */
  async rememberLifetime(seconds: number): Promise<void> {
    await this.revocations.query('UPDATE token_lifetimes SET longest_seconds = $1 WHERE longest_seconds < $1', [
      seconds,
    ]);
  }
}
