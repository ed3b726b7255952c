import { type AuditEventName } from '../../src/audit/audit-events.js';
import { type TestDatabase } from './database.js';

/** A row of the audit trail, as the table has it. */
export interface AuditRow {
  id: string;
  event: AuditEventName;
  outcome: string;
  actor_type: string;
  actor_id: string | null;
  target_type: string | null;
  target_id: string | null;
  session_id: string | null;
  ip: string | null;
  user_agent: string | null;
  request_id: string | null;
  details: Record<string, unknown>;
}

/** All that was recorded, the newest first. */
export function auditRows(database: Pick<TestDatabase, 'run'>, event?: AuditEventName): Promise<AuditRow[]> {
  const sql = 'SELECT * FROM audit_events WHERE $1::text IS NULL OR event = $1 ORDER BY id DESC';
  return database.run<AuditRow>(sql, [event ?? null]);
}
