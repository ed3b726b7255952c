import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AuthError } from '../common/errors/auth-error.js';
import { ADMIN_ROLE } from '../common/http/requires-role.decorator.js';
import { newUuid } from '../common/random.js';
import { type RowCursor } from '../common/row-cursor.js';
import { PasswordHasher } from './password-hasher.js';
import { User } from './user.entity.js';
import { type UserPage, UserRepository } from './user.repository.js';

/** What an administrator may change of a user. */
export interface UserChanges {
  disabled?: boolean | undefined;
  roles?: string[] | undefined;
}

/**
 * What a name and a password were found to be. Whoever sent them hears no more than whether they were right; the rest is
 * for administrators.
 */
export type CredentialCheck =
  | { isRight: true; user: User }
  | { isRight: false; user: User | null; fault: 'unknown_name' | 'wrong_password' | 'disabled' };

/** The rules of accounts. It knows nothing of tokens: what a change means for them is `auth`'s to say. */
@Injectable()
export class UsersService {
  constructor(
    private readonly users: UserRepository,
    private readonly hasher: PasswordHasher,
    private readonly clock: Clock,
  ) {}

  /** @throws AuthError `username_taken`. */
  async register(username: string, passwordHash: string, roles: string[], tx: EntityManager): Promise<User> {
    const id = newUuid();
    const isFree = await this.users.insertIfNameIsFree({ id, username, passwordHash, roles }, tx);
    if (!isFree) throw new AuthError('username_taken');
    return (await this.users.findActiveForIssuing(id, tx))!;
  }

  /** Takes the same time for an unknown name, a wrong password and a disabled user. */
  async checkCredentials(username: string, password: string): Promise<CredentialCheck> {
    const user = await this.users.findByNameWithHash(username);
    const isRight = user
      ? await this.hasher.verify(user.passwordHash, password)
      : await this.hasher.verifyDecoy(password);
    if (!user) return { isRight: false, user, fault: 'unknown_name' };
    if (!isRight) return { isRight, user, fault: 'wrong_password' };
    if (user.disabledAt) return { isRight: false, user, fault: 'disabled' };
    await this.renewHash(user, password);
    return { isRight, user };
  }

  /** @throws AuthError `user_not_found`. */
  async get(id: string): Promise<User> {
    return found(await this.users.findById(id));
  }

  list(search: string | null, after: RowCursor | null, limit: number): Promise<UserPage> {
    return this.users.findPage(search, after, limit);
  }

  /** The user, unless disabled or gone, as it stays until the transaction ends. */
  lockForIssuing(id: string, tx: EntityManager): Promise<User | null> {
    return this.users.findActiveForIssuing(id, tx);
  }

  /** The user, whatever its state, locked for a change; null when nobody has the id. */
  lockIfThere(id: string, tx: EntityManager): Promise<User | null> {
    return this.users.findByIdForChange(id, tx);
  }

  /** The user, whatever its state, locked for a change. @throws AuthError `user_not_found`. */
  async lockForChange(id: string, tx: EntityManager): Promise<User> {
    return found(await this.lockIfThere(id, tx));
  }

  /** Whether this is the password of the user. @throws AuthError `user_not_found`. */
  async checkPassword(id: string, password: string): Promise<{ isRight: boolean; user: User }> {
    const user = found(await this.users.findByIdWithHash(id));
    return { isRight: await this.hasher.verify(user.passwordHash, password), user };
  }

  /** The caller has locked the user. */
  async setPassword(id: string, passwordHash: string, tx: EntityManager): Promise<void> {
    await this.users.changePassword(id, passwordHash, tx);
  }

  /** Answers the user before and after. @throws AuthError `user_not_found`, `last_administrator`. */
  async change(id: string, changes: UserChanges, tx: EntityManager): Promise<{ before: User; after: User }> {
    const administrators = await this.users.lockActiveAdministrators(tx);
    const before = await this.lockForChange(id, tx);
    const after = Object.assign(new User(), before, {
      roles: changes.roles ?? before.roles,
      disabledAt: this.disabledAt(before, changes.disabled),
    });
    if (!isActiveAdministrator(after)) this.keepOne(administrators, id);
    await this.users.update(id, { roles: after.roles, disabledAt: after.disabledAt }, tx);
    return { before, after };
  }

  /** @throws AuthError `user_not_found`, `last_administrator`. */
  async delete(id: string, tx: EntityManager): Promise<void> {
    const administrators = await this.users.lockActiveAdministrators(tx);
    await this.lockForChange(id, tx);
    this.keepOne(administrators, id);
    await this.users.delete(id, tx);
  }

  /**
   * Deletes some of everyone but the caller, who must still be an administrator, and answers the ids: none when there is
   * nobody else. The other administrators come first, so that of two who ask at once one alone goes on.
   */
  async deleteSomeBut(callerId: string, count: number, tx: EntityManager): Promise<string[]> {
    const administrators = await this.users.lockActiveAdministrators(tx);
    // Demoted a moment ago by another: the list would end without any administrator.
    if (!administrators.includes(callerId))
      throw new AuthError('insufficient_scope', { reason: 'no longer an administrator' });
    const others = administrators.filter((id) => id !== callerId).slice(0, count);
    if (others.length === 0) return this.users.deleteSomeBut(callerId, count, tx);
    await this.users.deleteThese(others, tx);
    return others;
  }

  /** Whether there is an administrator; instances that start at once ask one after the other. */
  hasAdministrator(tx: EntityManager): Promise<boolean> {
    return this.users.lockAndFindAdministrator(tx);
  }

  private disabledAt(before: User, disabled: boolean | undefined): Date | null {
    if (disabled === undefined) return before.disabledAt;
    return disabled ? (before.disabledAt ?? this.clock.now()) : null;
  }

  private keepOne(administrators: string[], leavingId: string): void {
    if (administrators.length === 1 && administrators[0] === leavingId) throw new AuthError('last_administrator');
  }

  /** A password that was right lets us raise its hash to today's parameters without asking for it again. */
  private async renewHash(user: User, password: string): Promise<void> {
    if (!this.hasher.isOutdated(user.passwordHash)) return;
    await this.users.updateHash(user.id, user.passwordVersion, await this.hasher.hash(password));
  }
}

function found(user: User | null): User {
  if (!user) throw new AuthError('user_not_found');
  return user;
}

function isActiveAdministrator(user: User): boolean {
  return user.roles.includes(ADMIN_ROLE) && user.disabledAt === null;
}
