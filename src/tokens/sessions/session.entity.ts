import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * One login on one device, and its chain of refresh tokens. The chain is no rows: everything that a refresh token says
 * can be told from this one, so a session that refreshes for a year is as large as a new one.
 */
@Entity('sessions')
export class Session {
  /** The `sid` claim. */
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ name: 'user_id', type: 'uuid' })
  userId: string;

  @Column({ name: 'client_id', type: 'text' })
  clientId: string;

  /** The one audience that the login asked for (RFC 8707); null for every one that is configured. */
  @Column({ type: 'text', nullable: true })
  resource: string | null;

  /** The place of the living refresh token in the chain; the first is 1. */
  @Column({ type: 'integer' })
  generation: number;

  /** The `seq` claim of all its tokens: the place of the login in the order of everything issued and cut off. */
  @Column({ name: 'issue_number', type: 'bigint' })
  issueNumber: string;

  /** The key that signed the living refresh token, so that a retry can mint it again. */
  @Column({ name: 'refresh_kid', type: 'text' })
  refreshKid: string;

  /** The login: the `auth_time` claim. */
  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /** When the living refresh token was issued: its `iat`. A retry does not move it. */
  @Column({ name: 'rotated_at', type: 'timestamptz' })
  rotatedAt: Date;

  @Column({ name: 'last_used_at', type: 'timestamptz' })
  lastUsedAt: Date;

  /** The end of the session, however busy it is. */
  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt: Date;

  /** The end of the living refresh token: its `exp`. */
  @Column({ name: 'idle_expires_at', type: 'timestamptz' })
  idleExpiresAt: Date;

  @Column({ name: 'user_agent', type: 'text', nullable: true })
  userAgent: string | null;

  @Column({ type: 'inet', nullable: true })
  ip: string | null;

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt: Date | null;
}
