import { Injectable } from '@nestjs/common';
import { Transactions } from '../database/transactions.js';
import { type RevocationReason } from '../tokens/revocation/revocation.entity.js';
import { RevocationService } from '../tokens/revocation/revocation.service.js';
import { SessionsService } from '../tokens/sessions/sessions.service.js';
import { type User } from '../users/user.entity.js';
import { type UserChanges, UsersService } from '../users/users.service.js';

/**
 * Users that one transaction deletes of very many: its statements stay well below the database's two seconds, also with
 * all the sessions that go with them.
 */
const BATCH_SIZE = 500;

/** Changes of accounts that end what was issued before: the change and the cutoff are one transaction. */
@Injectable()
export class AccountService {
  constructor(
    private readonly users: UsersService,
    private readonly revocations: RevocationService,
    private readonly sessions: SessionsService,
    private readonly transactions: Transactions,
  ) {}

  /** @throws AuthError `user_not_found`, `last_administrator`. */
  async change(id: string, changes: UserChanges): Promise<User> {
    return this.transactions.run(async (tx) => {
      const { before, after } = await this.users.change(id, changes, tx);
      const reason = reasonToCutOff(before, after);
      if (reason) await this.revocations.cutOffUsers([id], reason, tx);
      return after;
    });
  }

  /** @throws AuthError `user_not_found`, `last_administrator`. */
  async delete(id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.users.delete(id, tx);
      await this.revocations.cutOffUsers([id], 'deleted', tx);
    });
  }

  /** Ends every session of a user, and everything issued in it. @throws AuthError `user_not_found`. */
  async logOut(id: string, reason: RevocationReason): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.users.lockForChange(id, tx);
      await this.revocations.cutOffUsers([id], reason, tx);
    });
  }

  /** Ends every session of a user but one. @throws AuthError `user_not_found`. */
  async logOutOthers(id: string, keptSid: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.users.lockForChange(id, tx);
      await this.sessions.endOthers(id, keptSid, tx);
    });
  }

  /**
   * Deletes every user but the caller; answers how many. Batch by batch, each deleted and cut off in one transaction:
   * when it fails in the middle, whoever is gone is cut off, and asking again deletes the rest.
   *
   * @throws AuthError `insufficient_scope` when the caller is no administrator any more.
   */
  async deleteAllBut(callerId: string): Promise<number> {
    let count = 0;
    for (let batch = await this.deleteBatch(callerId); batch > 0; batch = await this.deleteBatch(callerId)) {
      count += batch;
    }
    return count;
  }

  private deleteBatch(callerId: string): Promise<number> {
    return this.transactions.run(async (tx) => {
      const deletedIds = await this.users.deleteSomeBut(callerId, BATCH_SIZE, tx);
      await this.revocations.cutOffUsers(deletedIds, 'deleted', tx);
      return deletedIds.length;
    });
  }
}

function reasonToCutOff(before: User, after: User): RevocationReason | null {
  if (after.disabledAt && !before.disabledAt) return 'disabled';
  if (before.roles.some((role) => !after.roles.includes(role))) return 'role_lost';
  return null;
}
