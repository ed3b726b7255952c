import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { aUser } from '../audit/actor.js';
import { AuditTrail } from '../audit/audit-trail.service.js';
import { type Origin } from '../audit/origin.js';
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
    private readonly audit: AuditTrail,
  ) {}

  /** @throws AuthError `user_not_found`, `last_administrator`. */
  async change(id: string, changes: UserChanges, by: Origin): Promise<User> {
    return this.transactions.run(async (tx) => {
      const { before, after } = await this.users.change(id, changes, tx);
      const reason = reasonToCutOff(before, after);
      if (reason) await this.revocations.cutOffUsers([id], reason, tx);
      await this.recordChange(before, after, by, tx);
      return after;
    });
  }

  /** @throws AuthError `user_not_found`, `last_administrator`. */
  async delete(id: string, by: Origin): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.users.delete(id, tx);
      await this.revocations.cutOffUsers([id], 'deleted', tx);
      await this.audit.record('user.deleted', { by, target: aUser(id), details: {} }, tx);
    });
  }

  /** Ends every session of a user, and everything issued in it. @throws AuthError `user_not_found`. */
  async logOut(id: string, reason: RevocationReason, by: Origin): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.users.lockForChange(id, tx);
      await this.revocations.cutOffUsers([id], reason, tx);
      await this.audit.record('sessions.ended', { by, target: aUser(id), details: { reason } }, tx);
    });
  }

  /** Ends every session of a user but one. @throws AuthError `user_not_found`. */
  async logOutOthers(id: string, keptSid: string, by: Origin): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.users.lockForChange(id, tx);
      const count = await this.sessions.endOthers(id, keptSid, tx);
      await this.audit.record('other_sessions.ended', { by, target: aUser(id), details: { count } }, tx);
    });
  }

  /**
   * Deletes every user but the caller; answers how many. Batch by batch, each deleted and cut off in one transaction:
   * when it fails in the middle, whoever is gone is cut off, and asking again deletes the rest.
   *
   * @throws AuthError `insufficient_scope` when the caller is no administrator any more.
   */
  async deleteAllBut(callerId: string, by: Origin): Promise<number> {
    let count = 0;
    for (;;) {
      const deleted = await this.deleteBatch(callerId, by);
      if (deleted === 0) return count;
      count += deleted;
    }
  }

  private deleteBatch(callerId: string, by: Origin): Promise<number> {
    return this.transactions.run(async (tx) => {
      const deletedIds = await this.users.deleteSomeBut(callerId, BATCH_SIZE, tx);
      await this.revocations.cutOffUsers(deletedIds, 'deleted', tx);
      const each = deletedIds.map((id) => ({ by, target: aUser(id), details: {} }));
      await this.audit.recordEach('user.deleted', each, tx);
      return deletedIds.length;
    });
  }

  /** What is as it was is no event. */
  private async recordChange(before: User, after: User, by: Origin, tx: EntityManager): Promise<void> {
    const target = aUser(after.id);
    const wasDisabled = before.disabledAt !== null;
    const isDisabled = after.disabledAt !== null;
    if (wasDisabled !== isDisabled) {
      await this.audit.record(isDisabled ? 'user.disabled' : 'user.enabled', { by, target, details: {} }, tx);
    }
    if (!isDeepStrictEqual(before.roles, after.roles)) {
      const details = { before: before.roles, after: after.roles };
      await this.audit.record('user.roles_changed', { by, target, details }, tx);
    }
  }
}

function reasonToCutOff(before: User, after: User): RevocationReason | null {
  if (after.disabledAt && !before.disabledAt) return 'disabled';
  if (before.roles.some((role) => !after.roles.includes(role))) return 'role_lost';
  return null;
}
