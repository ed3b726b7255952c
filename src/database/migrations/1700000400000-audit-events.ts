import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Who did what to whom. */
export class AuditEvents1700000400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [table, ...indexes]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_events');
  }
}

// No foreign keys: a row outlives whom it tells of. Ids are texts, since a key's is no UUID, nor that of the first client.
const table = `
  CREATE TABLE audit_events (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_events_pkey PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    event text NOT NULL,
    outcome text NOT NULL CONSTRAINT audit_events_outcome_check CHECK (outcome IN ('success', 'refused')),
    actor_type text NOT NULL CONSTRAINT audit_events_actor_type_check
      CHECK (actor_type IN ('user', 'client', 'anonymous', 'command', 'system')),
    actor_id text,
    target_type text,
    target_id text,
    session_id uuid,
    ip inet,
    user_agent text,
    request_id text,
    details jsonb NOT NULL DEFAULT '{}'
  )`;

// Each ends with the order of the list, so that of a rare event among millions the first page is found at once. The first is
// the purge's too.
const indexes = [
  `CREATE INDEX audit_events_at_id_idx ON audit_events (at DESC, id DESC)`,
  `CREATE INDEX audit_events_outcome_idx ON audit_events (outcome, at DESC, id DESC)`,
  ...['event', 'actor_id', 'target_id', 'session_id', 'ip'].map(
    (column) => `CREATE INDEX audit_events_${column}_idx ON audit_events (${column}, at DESC, id DESC)
      WHERE ${column} IS NOT NULL`,
  ),
];
