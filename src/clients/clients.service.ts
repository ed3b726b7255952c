import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { AuthError } from '../common/errors/auth-error.js';
import { newSecret, newUuid } from '../common/random.js';
import { type RowCursor } from '../common/row-cursor.js';
import { isUuid } from '../common/uuid.js';
import { type ClientScope } from './client-scopes.js';
import { type Client } from './client.entity.js';
import { type ClientPage, type ClientProof, ClientRepository } from './client.repository.js';

/**
 * A roll-out needs two, and the others are for a change that follows before it is over. Whoever authenticates is compared
 * with every living secret, so there must be an end.
 */
const MAX_LIVING_SECRETS = 5;

/** A secret as it is shown, this once: only its hash is kept. */
export interface ClientCredentials {
  clientId: string;
  clientSecret: string;
}

/** The rules of clients and their secrets. What a deletion means for tokens is `auth`'s to say. */
@Injectable()
export class ClientsService {
  constructor(private readonly clients: ClientRepository) {}

  async create(clientName: string, scopes: ClientScope[], tx: EntityManager): Promise<ClientCredentials> {
    const clientId = newUuid();
    const clientSecret = newSecret();
    await this.clients.insert({ id: clientId, clientName, scopes }, tx);
    await this.clients.insertSecret(clientId, hashOf(clientSecret), tx);
    return { clientId, clientSecret };
  }

  list(after: RowCursor | null, limit: number): Promise<ClientPage> {
    return this.clients.findPage(after, limit);
  }

  /** The client with this id and secret, or null, whichever of them was wrong. */
  async authenticate(id: string, secret: string): Promise<Client | null> {
    const found = isUuid(id) ? await this.clients.findWithSecrets(id) : null;
    const hash = hashOf(secret);
    return found?.secretHashes.some((known) => timingSafeEqual(known, hash)) ? found.client : null;
  }

  /** What may be kept of a secret that has been authenticated, for `lapsed`. */
  proofOf(clientId: string, secret: string): ClientProof {
    return { clientId, secretHash: hashOf(secret) };
  }

  /** Those that would not be authenticated any more, or without this scope. Asked in one query, however many there are. */
  async lapsed<Proof extends ClientProof>(proofs: readonly Proof[], scope: ClientScope): Promise<Proof[]> {
    const places = await this.clients.findLapsed(proofs, scope);
    return places.map((place) => proofs[place]!);
  }

  /**
   * Makes a new secret; the others end in that many seconds, or before, and at once those that would be too many.
   *
   * @throws AuthError `client_not_found`.
   */
  async changeSecret(id: string, afterSeconds: number, tx: EntityManager): Promise<ClientCredentials> {
    const clientSecret = newSecret();
    await this.lockForChange(id, tx);
    await this.clients.endSecrets(id, { newest: MAX_LIVING_SECRETS - 1, afterSeconds }, tx);
    await this.clients.insertSecret(id, hashOf(clientSecret), tx);
    return { clientId: id, clientSecret };
  }

  /** The client, unless it is gone, as it stays until the transaction ends. */
  findForIssuing(id: string, tx: EntityManager): Promise<Client | null> {
    return this.clients.findForIssuing(id, tx);
  }

  /** The row is locked before it goes, so no token is being issued to it meanwhile. @throws AuthError `client_not_found`. */
  async delete(id: string, tx: EntityManager): Promise<void> {
    await this.lockForChange(id, tx);
    await this.clients.delete(id, tx);
  }

  /** The client, if there is one, locked for a change: no token is issued to it until the transaction ends. */
  lockIfThere(id: string, tx: EntityManager): Promise<Client | null> {
    return this.clients.findForChange(id, tx);
  }

  private async lockForChange(id: string, tx: EntityManager): Promise<void> {
    if (!(await this.lockIfThere(id, tx))) throw new AuthError('client_not_found');
  }
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
