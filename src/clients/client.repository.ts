import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { type RowCursor } from '../common/row-cursor.js';
import { createdAtMicrosOf, isAfterCursor } from '../database/row-order.js';
import { ClientSecret } from './client-secret.entity.js';
import { type ClientScope } from './client-scopes.js';
import { Client } from './client.entity.js';

export interface ClientPage {
  clients: Client[];
  next: RowCursor | null;
}

/** What may be kept of a secret, to ask later whether it still counts. */
export interface ClientProof {
  clientId: string;
  /** SHA-256. */
  secretHash: Buffer;
}

/** How many secrets go on, and for how long. */
interface SecretsEnd {
  newest: number;
  afterSeconds: number;
}

// By the database's time, the same for every instance.
const IS_LIVING = 'secret.expires_at IS NULL OR secret.expires_at > clock_timestamp()';

@Injectable()
export class ClientRepository {
  constructor(@InjectRepository(Client) private readonly clients: Repository<Client>) {}

  async insert(client: Omit<Client, 'createdAt'>, tx: EntityManager): Promise<void> {
    await tx.getRepository(Client).insert(client);
  }

  async insertSecret(clientId: string, secretHash: Buffer, tx: EntityManager): Promise<void> {
    await tx.getRepository(ClientSecret).insert({ clientId, secretHash, expiresAt: null });
  }

  /** A client and the hashes of those of its secrets that have not ended; null when there is none. */
  async findWithSecrets(id: string): Promise<{ client: Client; secretHashes: Buffer[] } | null> {
    const { entities, raw } = await this.clients
      .createQueryBuilder('client')
      .innerJoin(ClientSecret, 'secret', `secret.client_id = client.id AND (${IS_LIVING})`)
      .addSelect('secret.secret_hash', 'hash')
      .where('client.id = :id', { id })
      .getRawAndEntities<{ hash: Buffer }>();
    return entities[0] ? { client: entities[0], secretHashes: raw.map(({ hash }) => hash) } : null;
  }

  /** The places of those that prove nothing any more: the secret has ended, or its client is gone or has lost the scope. */
  async findLapsed(proofs: readonly ClientProof[], scope: ClientScope): Promise<number[]> {
    const rows = await this.clients.query<{ place: number }[]>(
      `SELECT place::int - 1 AS place
       FROM unnest($1::uuid[], $2::bytea[]) WITH ORDINALITY AS asked (client_id, secret_hash, place)
       WHERE NOT EXISTS (
         SELECT FROM clients JOIN client_secrets secret ON secret.client_id = clients.id
         WHERE clients.id = asked.client_id AND $3 = ANY(clients.scopes)
           AND secret.secret_hash = asked.secret_hash AND (${IS_LIVING})
       )`,
      [proofs.map(({ clientId }) => clientId), proofs.map(({ secretHash }) => secretHash), scope],
    );
    return rows.map(({ place }) => place);
  }

  /**
   * The client as tokens may be issued to, locked against its deletion until the transaction ends. Issuing locks in this
   * mode and deleting in the stronger one, so the database puts them in an order.
   */
  findForIssuing(id: string, tx: EntityManager): Promise<Client | null> {
    return this.lock(id, 'pessimistic_read', tx);
  }

  findForChange(id: string, tx: EntityManager): Promise<Client | null> {
    return this.lock(id, 'pessimistic_write', tx);
  }

  /** Newest first. */
  async findPage(after: RowCursor | null, limit: number): Promise<ClientPage> {
    const query = this.clients
      .createQueryBuilder('client')
      .addSelect(createdAtMicrosOf('client'), 'micros')
      .orderBy('client.created_at', 'DESC')
      .addOrderBy('client.id', 'DESC')
      // One more than asked for tells whether there is a next page.
      .limit(limit + 1);
    if (after) query.andWhere(isAfterCursor('client'), after);
    const { entities, raw } = await query.getRawAndEntities<{ micros: string }>();
    const last = entities.length > limit ? limit - 1 : -1;
    return {
      clients: entities.slice(0, limit),
      next: last >= 0 ? { createdAtMicros: raw[last]!.micros, id: entities[last]!.id } : null,
    };
  }

  /**
   * Lets the newest secrets of a client end in that many seconds, those that end before all the same, and the others at
   * once. The caller holds the lock of the client, so that nothing comes between this and the next secret.
   */
  async endSecrets(clientId: string, { newest, afterSeconds }: SecretsEnd, tx: EntityManager): Promise<void> {
    await tx.query(
      `UPDATE client_secrets SET expires_at = LEAST(
         expires_at, clock_timestamp() + make_interval(secs => CASE WHEN place <= $2 THEN $3 ELSE 0 END))
       FROM (
         SELECT secret_hash AS hash, row_number() OVER (ORDER BY created_at DESC) AS place
         FROM client_secrets secret WHERE client_id = $1 AND (${IS_LIVING})
       ) AS living
       WHERE client_id = $1 AND secret_hash = hash`,
      [clientId, newest, afterSeconds],
    );
  }

  /** Its secrets go with it. */
  async delete(id: string, tx: EntityManager): Promise<void> {
    await tx.getRepository(Client).delete({ id });
  }

  private lock(id: string, mode: 'pessimistic_read' | 'pessimistic_write', tx: EntityManager): Promise<Client | null> {
    return tx
      .getRepository(Client)
      .createQueryBuilder('client')
      .setLock(mode)
      .where('client.id = :id', { id })
      .getOne();
  }
}
