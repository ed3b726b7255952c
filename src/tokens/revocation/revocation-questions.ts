import { Injectable } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import { type RevocableClaims } from '@recant/revocation-set';
import { EntityManager } from 'typeorm';
import { isUnanswered } from '../../database/translate-database-error.js';
import { NO_TARGET } from './revocation.entity.js';

interface Question {
  claims: RevocableClaims;
  answer: (isRevoked: boolean) => void;
  fail: (error: unknown) => void;
}

/** Claims in one query at most: some milliseconds of the database. */
const MAX_CLAIMS = 1_000;

/**
 * Asks the database what is revoked, for the times when memory is not known to be complete. Those who ask while a query
 * is under way share the next one: however many requests come, this instance has one such query at a time.
 */
@Injectable()
export class RevocationQuestions {
  private waiting: Question[] = [];
  private isAsking = false;

  constructor(@InjectEntityManager() private readonly manager: EntityManager) {}

  /** Answered as of a moment after the call, never before. */
  ask(claims: RevocableClaims): Promise<boolean> {
    return new Promise((answer, fail) => {
      this.waiting.push({ claims, answer, fail });
      if (!this.isAsking) void this.askAll();
    });
  }

  private async askAll(): Promise<void> {
    this.isAsking = true;
    while (this.waiting.length > 0) await this.askSome(this.waiting.splice(0, MAX_CLAIMS));
    this.isAsking = false;
  }

  private async askSome(questions: Question[]): Promise<void> {
    try {
      const revoked = await this.revokedOf(questions.map(({ claims }) => claims));
      questions.forEach(({ answer }, place) => answer(revoked.has(place)));
    } catch (error) {
      // Those who came meanwhile have waited along with it; they would have to wait as long again to hear the same.
      const failed = isUnanswered(error) ? questions.concat(this.waiting.splice(0)) : questions;
      for (const { fail } of failed) fail(error);
    }
  }

  /** The places of those that are revoked. */
  private async revokedOf(claims: readonly RevocableClaims[]): Promise<Set<number>> {
    const rows = await this.manager.query<{ place: number }[]>(
      `SELECT place::int - 1 AS place
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[])
         WITH ORDINALITY AS asked (jti, sid, sub, seq, kid, place)
       WHERE EXISTS (
         SELECT FROM revocations
         WHERE (level, target) IN (('token', jti), ('session', sid), ('user', sub), ('all', $6))
           AND (cutoff IS NULL OR cutoff > seq)
       ) OR EXISTS (SELECT FROM signing_keys WHERE signing_keys.kid = asked.kid AND forbidden_at IS NOT NULL)`,
      [
        claims.map(({ jti }) => jti),
        claims.map(({ sid }) => sid ?? null),
        claims.map(({ sub }) => sub),
        claims.map(({ seq }) => seq),
        claims.map(({ kid }) => kid),
        NO_TARGET,
      ],
    );
    return new Set(rows.map(({ place }) => place));
  }
}
