import { Injectable } from '@nestjs/common';
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
    const passwordHash = await this.hash(username, password);
    await this.transactions.run((tx) => this.users.register(username, passwordHash, [ADMIN_ROLE], tx));
  }

  /**
   * Whether one was made: not when there is an administrator already. Instances that start at once make one in all. What
   * takes long is done before the lock for which the others wait.
   *
   * @throws AuthError `validation_failed`, `username_taken`.
   */
  async createFirst(username: string, password: string): Promise<boolean> {
    if (await this.transactions.run((tx) => this.users.hasAdministrator(tx))) return false;
    const passwordHash = await this.hash(username, password);
    return this.transactions.run(async (tx) => {
      if (await this.users.hasAdministrator(tx)) return false;
      await this.users.register(username, passwordHash, [ADMIN_ROLE], tx);
      return true;
    });
  }

  private hash(username: string, password: string): Promise<string> {
    return this.newPasswords.hash({ password, username, field: 'password' });
  }
}
