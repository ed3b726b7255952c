import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Access tokens and refresh tokens are signed with keys of their own, so that neither can pass for the other. */
export type KeyPurpose = 'access' | 'refresh';

/**
 * A key of the ring as the database keeps it: useless without the ENCRYPTION_SECRET. What it is used for at a moment
 * follows from its times, by the database's clock.
 */
@Entity('signing_keys')
export class SigningKeyRow {
  @PrimaryColumn({ type: 'text' })
  kid: string;

  @Column({ type: 'text' })
  purpose: KeyPurpose;

  /** The one `alg` (RFC 7518 §3.1) that this key is for. */
  @Column({ type: 'text' })
  algorithm: string;

  @Column({ name: 'encrypted_key', type: 'bytea' })
  encryptedKey: Buffer;

  /** Published from here on, if it is one that is. */
  @Column({ name: 'created_at', type: 'timestamptz', insert: false, update: false })
  createdAt: Date;

  /** Signs from here on; null while nobody has said when. */
  @Column({ name: 'activates_at', type: 'timestamptz', nullable: true })
  activatesAt: Date | null;

  /** Signs no more from here on, when its successor does. */
  @Column({ name: 'retires_at', type: 'timestamptz', nullable: true })
  retiresAt: Date | null;

  /** Verifies nothing from here on, however young the token. */
  @Column({ name: 'forbidden_at', type: 'timestamptz', nullable: true })
  forbiddenAt: Date | null;
}
