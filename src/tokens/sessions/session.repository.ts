import { Injectable } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import { EntityManager } from 'typeorm';
import { Environment } from '../../config/environment.js';
import { NO_TARGET } from '../revocation/revocation.entity.js';
import { Session } from './session.entity.js';

/** A session, and what time it was in the database when it was read. */
export interface SessionAtMoment {
  session: Session;
  now: Date;
}

export type NewSession = Pick<Session, 'id' | 'userId' | 'clientId' | 'resource' | 'refreshKid' | 'userAgent' | 'ip'>;

/** The columns under the entity's names, so that a row that a statement returns is a `Session`. */
const AS_SESSION = `
  id, user_id AS "userId", client_id AS "clientId", resource, generation, issue_number AS "issueNumber",
  refresh_kid AS "refreshKid", created_at AS "createdAt", rotated_at AS "rotatedAt", last_used_at AS "lastUsedAt",
  expires_at AS "expiresAt", idle_expires_at AS "idleExpiresAt", user_agent AS "userAgent", ip,
  revoked_at AS "revokedAt", clock_timestamp() AS now`;

// Neither ended, nor at its end, nor cut off with everything of its user or of all ($2 is the target of "all").
const IS_LIVING = `
  revoked_at IS NULL AND LEAST(idle_expires_at, expires_at) > clock_timestamp()
  AND NOT EXISTS (
    SELECT FROM revocations
    WHERE (level, target) IN (('user', sessions.user_id), ('all', $2)) AND cutoff > sessions.issue_number
  )`;

type Row = Session & { now: Date };

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
    const rows = await tx.query<Row[]>(
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

  /**
   * Spends the refresh token of this generation: one conditional UPDATE, so of fifty that try at once one succeeds.
   * Null when the session is past that generation, over, or cut off.
   */
  async rotate(id: string, generation: number, refreshKid: string, tx: EntityManager): Promise<SessionAtMoment | null> {
    const [rows] = await tx.query<[Row[], number]>(
      `UPDATE sessions SET
         generation = generation + 1,
         issue_number = nextval('issue_numbers'),
         refresh_kid = $3,
         rotated_at = clock_timestamp(),
         last_used_at = clock_timestamp(),
         idle_expires_at = LEAST(expires_at, clock_timestamp() + make_interval(secs => $4))
       WHERE id = $1 AND generation = $5 AND ${IS_LIVING}
       RETURNING ${AS_SESSION}`,
      [id, NO_TARGET, refreshKid, this.environment.sessionIdleSeconds, generation],
    );
    return rows[0] ? atMoment(rows[0]) : null;
  }

  async find(id: string, tx: EntityManager): Promise<(SessionAtMoment & { isLiving: boolean }) | null> {
    const rows = await tx.query<(Row & { isLiving: boolean })[]>(
      `SELECT ${AS_SESSION}, (${IS_LIVING}) AS "isLiving" FROM sessions WHERE id = $1`,
      [id, NO_TARGET],
    );
    if (!rows[0]) return null;
    const { isLiving, ...row } = rows[0];
    return { ...atMoment(row), isLiving };
  }

  /** The sessions of a user that nothing has ended, the newest first. */
  async findLiving(userId: string, tx?: EntityManager): Promise<Session[]> {
    const rows = await (tx ?? this.manager).query<Row[]>(
      `SELECT ${AS_SESSION} FROM sessions
       WHERE user_id = $1 AND ${IS_LIVING}
       ORDER BY created_at DESC, id`,
      [userId, NO_TARGET],
    );
    return rows.map((row) => atMoment(row).session);
  }

  async markRevoked(id: string, tx: EntityManager): Promise<void> {
    await tx.query('UPDATE sessions SET revoked_at = clock_timestamp() WHERE id = $1 AND revoked_at IS NULL', [id]);
  }
}

function atMoment({ now, ...session }: Row): SessionAtMoment {
  return { session: Object.assign(new Session(), session), now };
}
