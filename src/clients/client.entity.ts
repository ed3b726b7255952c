import { Column, Entity, PrimaryColumn } from 'typeorm';
import { type ClientScope } from './client-scopes.js';

/** Another service, which proves by a secret that it is the one. */
@Entity('clients')
export class Client {
  /** The `client_id`, and the `sub` of the tokens that it gets for itself. */
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  /** For people; nothing decides by it. */
  @Column({ name: 'client_name', type: 'text' })
  clientName: string;

  @Column({ type: 'text', array: true })
  scopes: ClientScope[];

  @Column({ name: 'created_at', type: 'timestamptz', insert: false, update: false })
  createdAt: Date;
}
