import { Injectable } from '@nestjs/common';
import { ClientsService } from '../../clients/clients.service.js';
import { Transactions } from '../../database/transactions.js';
import { RevocationService } from '../../tokens/revocation/revocation.service.js';

/** Takes clients away. The deletion and the cutoff of every token that the client got are one transaction. */
@Injectable()
export class ClientRemovalService {
  constructor(
    private readonly clients: ClientsService,
    private readonly revocations: RevocationService,
    private readonly transactions: Transactions,
  ) {}

  /** @throws AuthError `client_not_found`. */
  async delete(id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.clients.delete(id, tx);
      // The `sub` of a client's tokens is its id, so the cutoff of a user is one of a client.
      await this.revocations.cutOffUsers([id], 'deleted', tx);
    });
  }
}
