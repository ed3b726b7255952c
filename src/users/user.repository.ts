import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { type RowCursor } from '../common/row-cursor.js';
import { ADMIN_ROLE } from '../common/http/requires-role.decorator.js';
import { createdAtMicrosOf, isAfterCursor } from '../database/row-order.js';
import { User } from './user.entity.js';
import { canonicalUsername } from './username.js';

type NewUser = Pick<User, 'id' | 'username' | 'passwordHash' | 'roles'>;

export interface UserPage {
  users: User[];
  next: RowCursor | null;
}

/** Any number that nothing else in the database locks: "admin" in ASCII. */
const FIRST_ADMINISTRATOR_LOCK = 0x61646d696e;

const BY_NAME = 'lower(user.username COLLATE "C") = :name';

@Injectable()
export class UserRepository {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  /** Whether the name was free. The index decides, so of fifty that ask at once one gets it. */
  async insertIfNameIsFree(user: NewUser, tx: EntityManager): Promise<boolean> {
    const { raw } = await tx
      .createQueryBuilder()
      .insert()
      .into(User)
      .values({ ...user, passwordVersion: 1, disabledAt: null })
      .orIgnore()
      .returning('id')
      .execute();
    // No row comes back from the insertion that was left out.
    return (raw as unknown[]).length === 1;
  }

  findById(id: string): Promise<User | null> {
    return this.users.findOneBy({ id });
  }

  /** With the hash, for the check of a password. */
  findByIdWithHash(id: string): Promise<User | null> {
    return this.users.createQueryBuilder('user').addSelect('user.passwordHash').where('user.id = :id', { id }).getOne();
  }

  /** Likewise. */
  findByNameWithHash(username: string): Promise<User | null> {
    return this.users
      .createQueryBuilder('user')
      .addSelect('user.passwordHash')
      .where(BY_NAME, { name: canonicalUsername(username) })
      .getOne();
  }

  /**
   * The user as tokens may be issued to, locked against every change until the transaction ends; null when disabled or
   * gone. Issuing locks in this mode and every change in the stronger one, so the database puts them in an order.
   */
  findActiveForIssuing(id: string, tx: EntityManager): Promise<User | null> {
    return tx
      .getRepository(User)
      .createQueryBuilder('user')
      .setLock('pessimistic_read')
      .where('user.id = :id AND user.disabled_at IS NULL', { id })
      .getOne();
  }

  findByIdForChange(id: string, tx: EntityManager): Promise<User | null> {
    return tx
      .getRepository(User)
      .createQueryBuilder('user')
      .setLock('pessimistic_write')
      .where('user.id = :id', { id })
      .getOne();
  }

  /**
   * The ids of the administrators who can log in, locked in one order until the transaction ends: of two who demote
   * each other at once, the second sees what the first has done.
   */
  async lockActiveAdministrators(tx: EntityManager): Promise<string[]> {
    const administrators = await tx
      .getRepository(User)
      .createQueryBuilder('user')
      .setLock('pessimistic_write')
      .where(':role = ANY(user.roles) AND user.disabled_at IS NULL', { role: ADMIN_ROLE })
      .orderBy('user.id')
      .getMany();
    return administrators.map(({ id }) => id);
  }

  /** Whether any administrator exists, asked under a lock that is held until the transaction ends. */
  async lockAndFindAdministrator(tx: EntityManager): Promise<boolean> {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [FIRST_ADMINISTRATOR_LOCK]);
    return tx
      .getRepository(User)
      .createQueryBuilder('user')
      .where(':role = ANY(user.roles)', { role: ADMIN_ROLE })
      .getExists();
  }

  /** Newest first; `search` is a part of the name, without regard to case. */
  async findPage(search: string | null, after: RowCursor | null, limit: number): Promise<UserPage> {
    const query = this.users
      .createQueryBuilder('user')
      .addSelect(createdAtMicrosOf('user'), 'micros')
      .orderBy('user.created_at', 'DESC')
      .addOrderBy('user.id', 'DESC')
      // One more than asked for tells whether there is a next page.
      .limit(limit + 1);
    if (search !== null) query.andWhere('strpos(lower(user.username), :search) > 0', { search: search.toLowerCase() });
    if (after) query.andWhere(isAfterCursor('user'), after);
    const { entities, raw } = await query.getRawAndEntities<{ micros: string }>();
    const last = entities.length > limit ? limit - 1 : -1;
    return {
      users: entities.slice(0, limit),
      next: last >= 0 ? { createdAtMicros: raw[last]!.micros, id: entities[last]!.id } : null,
    };
  }

  async update(id: string, changes: Pick<User, 'roles' | 'disabledAt'>, tx: EntityManager): Promise<void> {
    await tx.getRepository(User).update({ id }, changes);
  }

  async updateHash(id: string, passwordVersion: number, passwordHash: string): Promise<void> {
    await this.users.update({ id, passwordVersion }, { passwordHash });
  }

  /** The version rises with it, so that a login which has checked the old one does not succeed. */
  async changePassword(id: string, passwordHash: string, tx: EntityManager): Promise<void> {
    await tx.getRepository(User).update({ id }, { passwordHash, passwordVersion: () => 'password_version + 1' });
  }

  async delete(id: string, tx: EntityManager): Promise<void> {
    await tx.getRepository(User).delete({ id });
  }

  /** Deletes some of all users but one, in one order, and answers the ids of the deleted. */
  async deleteSomeBut(id: string, count: number, tx: EntityManager): Promise<string[]> {
    const [rows] = await tx.query<[Pick<User, 'id'>[], number]>(
      `DELETE FROM users
       WHERE id IN (SELECT id FROM users WHERE id <> $1 ORDER BY id LIMIT $2 FOR UPDATE)
       RETURNING id`,
      [id, count],
    );
    return rows.map((row) => row.id);
  }

  async deleteThese(ids: readonly string[], tx: EntityManager): Promise<void> {
    await tx.getRepository(User).delete([...ids]);
  }
}
