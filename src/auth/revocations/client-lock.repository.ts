import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';

/** Locks a client's row against the issuing of tokens to it, until the transaction ends. */
@Injectable()
export class ClientLockRepository {
  /** Locks nothing when no client has the id. */
  async lockIfThere(id: string, tx: EntityManager): Promise<void> {
    await tx.query('SELECT FROM clients WHERE id = $1 FOR UPDATE', [id]);
  }
}
