import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { aUser } from '../audit/actor.js';
import { AuditTrail } from '../audit/audit-trail.service.js';
import { type Origin } from '../audit/origin.js';
import { ADMIN_ROLE } from '../common/http/requires-role.decorator.js';
import { Transactions } from '../database/transactions.js';
import { NewPasswords } from '../users/new-passwords.js';
import { UsersService } from '../users/users.service.js';

/** Makes administrators, for those who run the service. An account that exists is never promoted here. */
@Injectable()
export class AdministratorService {
  constructor(
    private readonly users: UsersService,
    private readonly newPasswords: NewPasswords,
    private readonly transactions: Transactions,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws AuthError `validation_failed`, `username_taken`. */
  async create(username: string, password: string, by: Origin): Promise<void> {
    const passwordHash = await this.hash(username, password);
    await this.transactions.run((tx) => this.register(username, passwordHash, by, tx));
  }

  /**
   * Whether one was made: not when there is an administrator already. Instances that start at once make one in all. What
   * takes long is done before the lock for which the others wait.
   *
   * @throws AuthError `validation_failed`, `username_taken`.
   */
  async createFirst(username: string, password: string, by: Origin): Promise<boolean> {
    if (await this.transactions.run((tx) => this.users.hasAdministrator(tx))) return false;
    const passwordHash = await this.hash(username, password);
    return this.transactions.run(async (tx) => {
      if (await this.users.hasAdministrator(tx)) return false;
      await this.register(username, passwordHash, by, tx);
      return true;
    });
  }

  private async register(username: string, passwordHash: string, by: Origin, tx: EntityManager): Promise<void> {
    const { id } = await this.users.register(username, passwordHash, [ADMIN_ROLE], tx);
    await this.audit.record('administrator.created', { by, target: aUser(id), details: {} }, tx);
  }

  private hash(username: string, password: string): Promise<string> {
    return this.newPasswords.hash({ password, username, field: 'password' });
  }
}
