// The SQL of lists that are newest first, page by page: by `created_at` and `id` of the table with this alias.

/** Microseconds, as PostgreSQL keeps them: a JavaScript Date would cut them off and skip rows. */
export function createdAtMicrosOf(alias: string): string {
  return `(extract(epoch FROM ${alias}.created_at) * 1000000)::bigint`;
}

/** Whether a row comes after a RowCursor. The columns as the index has them: the last page costs no more than the first. */
export function isAfterCursor(alias: string): string {
  return `(${alias}.created_at, ${alias}.id) < (
    timestamptz 'epoch' + CAST(:createdAtMicros AS bigint) * interval '1 microsecond', CAST(:id AS uuid))`;
}
