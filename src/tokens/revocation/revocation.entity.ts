import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a revocation forbids: one token (`jti`), a session (`sid`), all of a user (`sub`), or everything. */
export type RevocationLevel = (typeof REVOCATION_LEVELS)[number];

export const REVOCATION_LEVELS = ['token', 'session', 'user', 'all'] as const;

/** Why, in our own words. For people and the audit; no rule depends on it. */
export type RevocationReason =
  | 'logout'
  | 'reuse'
  | 'password_change'
  | 'disabled'
  | 'deleted'
  | 'role_lost'
  | 'administrator'
  | 'client'
  | 'too_many';

/** The target of level `all`, which has none. */
export const NO_TARGET = '00000000-0000-0000-0000-000000000000';

/** A recorded fact that forbids tokens: of named ones all, of a user's or everyone's those issued before the cutoff. */
@Entity('revocations')
export class Revocation {
  @PrimaryColumn({ type: 'text' })
  level: RevocationLevel;

  @PrimaryColumn({ type: 'uuid' })
  target: string;

  /** Tokens with a lower issue number are refused. Only for the levels `user` and `all`. */
  @Column({ type: 'bigint', nullable: true })
  cutoff: string | null;

  /** A `RevocationReason`, or what an administrator wrote. */
  @Column({ type: 'text' })
  reason: string;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /** When the last token that it forbids has expired, plus the leeway. */
  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt: Date;
}
