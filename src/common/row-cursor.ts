/** Where a page of a list that is newest first ended: after this row. */
export interface RowCursor {
  createdAtMicros: string;
  id: string;
}

/** `<microseconds since 1970>.<id>`, as the wire has it. */
export const ROW_CURSOR_PATTERN = /^\d{1,17}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function writeRowCursor({ createdAtMicros, id }: RowCursor): string {
  return `${createdAtMicros}.${id}`;
}

/** Reads what matches ROW_CURSOR_PATTERN. */
export function readRowCursor(text: string): RowCursor {
  const [createdAtMicros, id] = text.split('.') as [string, string];
  return { createdAtMicros, id };
}
