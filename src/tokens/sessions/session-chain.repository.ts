import { Injectable } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import { EntityManager } from 'typeorm';
import { Environment } from '../../config/environment.js';
import { NO_TARGET } from '../revocation/revocation.entity.js';
import { AS_SESSION, atMoment, IS_LIVING, type SessionAtMoment, type SessionRow } from './session-row.js';

/** A session, and the roles that its user has now. */
export interface SessionOfUser extends SessionAtMoment {
  roles: string[];
}

type RowOfUser = SessionRow & { roles: string[] };

// Of a disabled user nothing lives. That an operator's own SQL disabled one raises no cutoff.
const IS_LIVING_OF_USER = `${IS_LIVING} AND users.disabled_at IS NULL`;

/**
 * Takes sessions from generation to generation, each step in one statement.
 *
 * It locks no user and waits for no cutoff: the tokens of a session carry the number under which it was opened, so a
 * cutoff that this statement did not see yet forbids what comes of it all the same.
 */
@Injectable()
export class SessionChainRepository {
  constructor(
    @InjectEntityManager() private readonly manager: EntityManager,
    private readonly environment: Environment,
  ) {}

  /**
   * Spends the refresh token of this generation: one conditional UPDATE, so of fifty that try at once one succeeds.
   * Null when the session is past that generation, over, cut off, or not for this resource.
   */
  async rotate(
    id: string,
    generation: number,
    refreshKid: string,
    resource: string | null,
  ): Promise<SessionOfUser | null> {
    const { sessionIdleSeconds, audience } = this.environment;
    const [rows] = await this.manager.query<[RowOfUser[], number]>(
      `UPDATE sessions SET
         generation = generation + 1,
         refresh_kid = $3,
         rotated_at = clock_timestamp(),
         last_used_at = clock_timestamp(),
         idle_expires_at = LEAST(expires_at, clock_timestamp() + make_interval(secs => $4))
       FROM users
       WHERE sessions.id = $1 AND users.id = user_id AND generation = $5 AND ${IS_LIVING_OF_USER}
         AND ($6::text IS NULL OR $6 = ANY (CASE WHEN resource IS NULL THEN $7 ELSE ARRAY[resource] END))
       RETURNING ${AS_SESSION}, roles`,
      [id, NO_TARGET, refreshKid, sessionIdleSeconds, generation, resource, audience],
    );
    return rows[0] ? ofUser(rows[0]) : null;
  }

  /** The session, if it lives, locked so that it stays as it is until the transaction ends. */
  async findLivingForChange(id: string, tx: EntityManager): Promise<SessionOfUser | null> {
    const [row] = await tx.query<RowOfUser[]>(
      `SELECT ${AS_SESSION}, roles FROM sessions JOIN users ON users.id = user_id
       WHERE sessions.id = $1 AND ${IS_LIVING_OF_USER}
       FOR NO KEY UPDATE OF sessions`,
      [id, NO_TARGET],
    );
    return row ? ofUser(row) : null;
  }

  /** Whether this is the generation whose refresh token can be spent, of a session that lives. */
  async isAt(id: string, generation: number): Promise<boolean> {
    const rows = await this.manager.query<object[]>(
      `SELECT FROM sessions JOIN users ON users.id = user_id
       WHERE sessions.id = $1 AND generation = $3 AND ${IS_LIVING_OF_USER}`,
      [id, NO_TARGET, generation],
    );
    return rows.length > 0;
  }
}

function ofUser({ roles, ...row }: RowOfUser): SessionOfUser {
  return { ...atMoment(row), roles };
}
