import { Injectable } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import { EntityManager } from 'typeorm';
import { Environment } from '../../config/environment.js';
import { deleteExpired, type ExpiredBatch, type PrunedBatch } from '../../database/expired-rows.js';
import { NO_TARGET } from '../revocation/revocation.entity.js';
import { type Session } from './session.entity.js';
import { AS_SESSION, atMoment, IS_LIVING, type SessionAtMoment, type SessionRow } from './session-row.js';

export type NewSession = Pick<Session, 'id' | 'userId' | 'clientId' | 'resource' | 'refreshKid' | 'userAgent' | 'ip'>;

/**
 * Ends the sessions of a query. It locks them in one order, so that of two logins that end the same ones neither waits
 * for the other in a circle, and leaves out what another has ended meanwhile.
 */
const endEach = (ids: string) => `
  UPDATE sessions SET revoked_at = clock_timestamp()
  WHERE id IN (SELECT id FROM sessions WHERE id IN (${ids}) AND revoked_at IS NULL ORDER BY id FOR NO KEY UPDATE)
  RETURNING id`;

/**
 * Sessions in the database. Times are the database's own, and its `clock_timestamp()`: that of the moment after a lock
 * was waited for, where `now()` would be that before.
 */
@Injectable()
export class SessionRepository {
  constructor(
    @InjectEntityManager() private readonly manager: EntityManager,
    private readonly environment: Environment,
  ) {}

  /** The caller holds the lock of the user's row, so the issue number comes after every cutoff that it has seen. */
  async insert(session: NewSession, tx: EntityManager): Promise<SessionAtMoment> {
    const { refreshTokenTtlSeconds, sessionIdleSeconds } = this.environment;
    const rows = await tx.query<SessionRow[]>(
      `INSERT INTO sessions (id, user_id, client_id, resource, refresh_kid, user_agent, ip, issue_number,
         created_at, rotated_at, last_used_at, expires_at, idle_expires_at)
       SELECT $1, $2, $3, $4, $5, $6, $7, nextval('issue_numbers'), moment, moment, moment,
         moment + make_interval(secs => $8), moment + make_interval(secs => LEAST($8, $9))
       FROM clock_timestamp() AS moment
       RETURNING ${AS_SESSION}`,
      [
        session.id,
        session.userId,
        session.clientId,
        session.resource,
        session.refreshKid,
        session.userAgent,
        session.ip,
        refreshTokenTtlSeconds,
        sessionIdleSeconds,
      ],
    );
    return atMoment(rows[0]!);
  }

  /** The sessions of a user that nothing has ended, the newest first. */
  async findLiving(userId: string): Promise<Session[]> {
    const rows = await this.manager.query<SessionRow[]>(
      `SELECT ${AS_SESSION} FROM sessions
       WHERE user_id = $1 AND ${IS_LIVING}
       ORDER BY created_at DESC, id`,
      [userId, NO_TARGET],
    );
    return rows.map((row) => atMoment(row).session);
  }

  /** Ends all living sessions of a user but the newest ones, and answers which. */
  async markOldestRevoked(userId: string, keptCount: number, tx: EntityManager): Promise<string[]> {
    const [rows] = await tx.query<[Pick<Session, 'id'>[], number]>(
      endEach(`SELECT id FROM sessions WHERE user_id = $1 AND ${IS_LIVING} ORDER BY created_at DESC, id OFFSET $3`),
      [userId, NO_TARGET, keptCount],
    );
    return rows.map(({ id }) => id);
  }

  /** Ends all living sessions of a user but one, and answers which. */
  async markOthersRevoked(userId: string, keptId: string, tx: EntityManager): Promise<string[]> {
    const [rows] = await tx.query<[Pick<Session, 'id'>[], number]>(
      endEach(`SELECT id FROM sessions WHERE user_id = $1 AND ${IS_LIVING} AND id <> $3`),
      [userId, NO_TARGET, keptId],
    );
    return rows.map(({ id }) => id);
  }

  /** Answers whose it was; null when it had ended before, or there is none. */
  async markRevoked(id: string, tx: EntityManager): Promise<string | null> {
    const [rows] = await tx.query<[Pick<Session, 'userId'>[], number]>(
      `UPDATE sessions SET revoked_at = clock_timestamp() WHERE id = $1 AND revoked_at IS NULL
       RETURNING user_id AS "userId"`,
      [id],
    );
    return rows[0]?.userId ?? null;
  }

  /**
   * Removes sessions that are at their last end. Not those that were ended or left alone before it: every refresh would
   * have to write an index on `idle_expires_at`, where now it leaves nothing behind.
   */
  prune(batch: ExpiredBatch, tx: EntityManager): Promise<PrunedBatch> {
    return deleteExpired('sessions', batch, tx);
  }
}
