import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Access tokens and refresh tokens are signed with keys of their own, so that neither can pass for the other. */
export type KeyPurpose = 'access' | 'refresh';

/** A key of the ring as the database keeps it: useless without the ENCRYPTION_SECRET. */
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

  @Column({ name: 'created_at', type: 'timestamptz', insert: false, update: false })
  createdAt: Date;
}
