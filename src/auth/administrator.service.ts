import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
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
  ) {}

  /** @throws AuthError `validation_failed`, `username_taken`. */
  async create(username: string, password: string): Promise<void> {
    await this.transactions.run((tx) => this.createIn(tx, username, password));
  }

  /**
   * Whether one was made: not when there is an administrator already. Instances that start at once make one in all.
   *
   * @throws AuthError `validation_failed`, `username_taken`.
   */
  async createFirst(username: string, password: string): Promise<boolean> {
    return this.transactions.run(async (tx) => {
      if (await this.users.hasAdministrator(tx)) return false;
      await this.createIn(tx, username, password);
      return true;
    });
  }

  private async createIn(tx: EntityManager, username: string, password: string): Promise<void> {
    const passwordHash = await this.newPasswords.hash({ password, username, field: 'password' });
    await this.users.register(username, passwordHash, [ADMIN_ROLE], tx);
  }
}
