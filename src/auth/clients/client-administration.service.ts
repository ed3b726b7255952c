import { Injectable } from '@nestjs/common';
import { aClient } from '../../audit/actor.js';
import { AuditTrail } from '../../audit/audit-trail.service.js';
import { type Origin } from '../../audit/origin.js';
import { type ClientScope } from '../../clients/client-scopes.js';
import { type ClientCredentials, ClientsService } from '../../clients/clients.service.js';
import { Transactions } from '../../database/transactions.js';
import { RevocationService } from '../../tokens/revocation/revocation.service.js';

/** Makes clients, gives them new secrets, and takes them away: each with what it means elsewhere, in one transaction. */
@Injectable()
export class ClientAdministration {
  constructor(
    private readonly clients: ClientsService,
    private readonly revocations: RevocationService,
    private readonly transactions: Transactions,
    private readonly audit: AuditTrail,
  ) {}

  async create(clientName: string, scopes: ClientScope[], by: Origin): Promise<ClientCredentials> {
    return this.transactions.run(async (tx) => {
      const created = await this.clients.create(clientName, scopes, tx);
      const facts = { by, target: aClient(created.clientId), details: { scope: scopes.join(' ') } };
      await this.audit.record('client.created', facts, tx);
      return created;
    });
  }

  /** @throws AuthError `client_not_found`. */
  async changeSecret(id: string, afterSeconds: number, by: Origin): Promise<ClientCredentials> {
    return this.transactions.run(async (tx) => {
      const changed = await this.clients.changeSecret(id, afterSeconds, tx);
      const facts = { by, target: aClient(id), details: { previous_secret_expires_in: afterSeconds } };
      await this.audit.record('client.secret_renewed', facts, tx);
      return changed;
    });
  }

  /** With the cutoff of every token that the client got. @throws AuthError `client_not_found`. */
  async delete(id: string, by: Origin): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.clients.delete(id, tx);
      // The `sub` of a client's tokens is its id, so the cutoff of a user is one of a client.
      await this.revocations.cutOffUsers([id], 'deleted', tx);
      await this.audit.record('client.deleted', { by, target: aClient(id), details: {} }, tx);
    });
  }
}
