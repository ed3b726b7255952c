import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('users')
export class User {
  /** The `sub` claim. A name that is registered anew gets a new one. */
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  /** As it was registered; unique without regard to case. */
  @Column({ type: 'text' })
  username: string;

  /** Read only where a password is checked, so that no answer can hold it by accident. */
  @Column({ name: 'password_hash', type: 'text', select: false })
  passwordHash: string;

  /** Rises with every change of the password: a login that checked an older one must not succeed. */
  @Column({ name: 'password_version', type: 'integer' })
  passwordVersion: number;

  @Column({ type: 'text', array: true })
  roles: string[];

  @Column({ name: 'disabled_at', type: 'timestamptz', nullable: true })
  disabledAt: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', insert: false, update: false })
  createdAt: Date;
}
