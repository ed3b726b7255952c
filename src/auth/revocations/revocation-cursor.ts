import { type RevocationLevel } from '../../tokens/revocation/revocation.entity.js';
import { type RevocationCursor } from '../../tokens/revocation/revocation-record.repository.js';

/** `<microseconds since 1970>.<level>.<target>`: where a page ended, in the order of the list. */
export const CURSOR_PATTERN = /^\d{1,17}\.(token|session|user|all)\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function writeCursor({ createdAtMicros, level, target }: RevocationCursor): string {
  return `${createdAtMicros}.${level}.${target}`;
}

/** Reads what matches CURSOR_PATTERN. */
export function readCursor(cursor: string): RevocationCursor {
  const [createdAtMicros, level, target] = cursor.split('.') as [string, RevocationLevel, string];
  return { createdAtMicros, level, target };
}
