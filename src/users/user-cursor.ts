import { type UserCursor } from './user.repository.js';

/** `<microseconds since 1970>.<user id>`: where a page ended, in the order of the list. */
export const CURSOR_PATTERN = /^\d{1,17}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function writeCursor({ createdAtMicros, id }: UserCursor): string {
  return `${createdAtMicros}.${id}`;
}

/** Reads what matches CURSOR_PATTERN. */
export function readCursor(cursor: string): UserCursor {
  const [createdAtMicros, id] = cursor.split('.') as [string, string];
  return { createdAtMicros, id };
}
