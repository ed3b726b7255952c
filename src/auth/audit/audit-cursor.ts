import { type AuditCursor } from '../../audit/audit-event.repository.js';

/** `<microseconds since 1970>.<id>`: where a page ended, in the order of the list. Eighteen digits fit a bigint. */
export const AUDIT_CURSOR_PATTERN = /^\d{1,17}\.\d{1,18}$/;

export function writeAuditCursor({ atMicros, id }: AuditCursor): string {
  return `${atMicros}.${id}`;
}

/** Reads what matches AUDIT_CURSOR_PATTERN. */
export function readAuditCursor(text: string): AuditCursor {
  const [atMicros, id] = text.split('.') as [string, string];
  return { atMicros, id };
}
