import { type EntityManager } from 'typeorm';

/** The tables whose rows end by themselves, each with the column from which that is counted, which has an index. */
const columns = {
  revocations: 'expires_at',
  sessions: 'expires_at',
  client_secrets: 'expires_at',
  rate_limits: 'expires_at',
  audit_events: 'at',
} as const;

export type ExpiringTable = keyof typeof columns;

export interface ExpiredBatch {
  /** Rows at most. */
  limit: number;
  /** For how long a row stays beyond that moment. */
  graceSeconds: number;
  /** Where the batch before this one got to, as its `reached` says it; `FROM_THE_FIRST` for the first. */
  from: string;
}

export interface PrunedBatch {
  count: number;
  /** The latest of these moments that it removed, in PostgreSQL's own words: a `Date` would lose its microseconds. */
  reached: string;
  /** Milliseconds for which the database worked at it; how long we waited tells as much of how busy we are ourselves. */
  workedMs: number;
}

export const FROM_THE_FIRST = '-infinity';

/**
 * Deletes the rows that ended first. It waits for nobody: a row that somebody holds is left for the next sweep.
 *
 * A batch begins where the last one got to. From the first on, each would walk over the index entries of all that were
 * removed before it, which stay until a vacuum. The time is the statement's: of `clock_timestamp()` the planner knows
 * nothing, so it could neither use the index for it nor guess how many rows there are.
 */
export async function deleteExpired(
  table: ExpiringTable,
  { limit, graceSeconds, from }: ExpiredBatch,
  tx: EntityManager,
): Promise<PrunedBatch> {
  const column = columns[table];
  const [pruned] = await tx.query<[PrunedBatch]>(
    `WITH expired AS MATERIALIZED (
       SELECT ctid FROM ${table}
       WHERE ${column} >= $1::timestamptz AND ${column} < statement_timestamp() - make_interval(secs => $2)
       ORDER BY ${column}
       LIMIT $3
       FOR UPDATE SKIP LOCKED
     ), deleted AS (
       DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM expired)) RETURNING ${column} AS ended_at
     )
     SELECT count(*)::integer AS count, COALESCE(max(ended_at), $1::timestamptz)::text AS reached,
       extract(epoch FROM clock_timestamp() - statement_timestamp())::float8 * 1000 AS "workedMs"
     FROM deleted`,
    [from, graceSeconds, limit],
  );
  return pruned;
}
