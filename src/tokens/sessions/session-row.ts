import { Session } from './session.entity.js';

/** A session, and what time it was in the database when it was read. */
export interface SessionAtMoment {
  session: Session;
  now: Date;
}

export type SessionRow = Session & { now: Date };

/** The columns under the entity's names, so that a row that a statement returns is a `Session`. */
export const AS_SESSION = `
  sessions.id, user_id AS "userId", client_id AS "clientId", resource, generation, issue_number AS "issueNumber",
  refresh_kid AS "refreshKid", sessions.created_at AS "createdAt", rotated_at AS "rotatedAt",
  last_used_at AS "lastUsedAt", expires_at AS "expiresAt", idle_expires_at AS "idleExpiresAt",
  user_agent AS "userAgent", ip, revoked_at AS "revokedAt", clock_timestamp() AS now`;

/** Neither ended, nor at its end, nor cut off with everything of its user or of all; `$2` is the target of "all". */
export const IS_LIVING = `
  revoked_at IS NULL AND LEAST(idle_expires_at, expires_at) > clock_timestamp()
  AND NOT EXISTS (
    SELECT FROM revocations
    WHERE (level, target) IN (('user', sessions.user_id), ('all', $2)) AND cutoff > sessions.issue_number
  )`;

export function atMoment({ now, ...session }: SessionRow): SessionAtMoment {
  return { session: Object.assign(new Session(), session), now };
}
