import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One of the secrets of a client. Several may live at once, so that a new one can be handed out before the old one ends. */
@Entity('client_secrets')
export class ClientSecret {
  @PrimaryColumn({ name: 'client_id', type: 'uuid' })
  clientId: string;

  /** SHA-256. A secret has 256 random bits, which no slower hash would make harder to guess. */
  @PrimaryColumn({ name: 'secret_hash', type: 'bytea' })
  secretHash: Buffer;

  @Column({ name: 'created_at', type: 'timestamptz', insert: false, update: false })
  createdAt: Date;

  /** Null until a newer one has been made. */
  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt: Date | null;
}
