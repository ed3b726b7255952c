/**
 * What no line for people may have: control characters, ends of lines, halves of characters, and format characters, such
 * as those that turn the direction of what follows, so that a list would show something else than it holds.
 */
const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Anything but blanks and what takes no room, or shows none. */
const VISIBLE = /[^\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Whether a value is a text that a list can show in a line. */
export function isLineOfText(value: unknown, maxLength: number): value is string {
  if (typeof value !== 'string' || UNSHOWABLE.test(value) || !VISIBLE.test(value)) return false;
  // Code points, so that an emoji is one.
  return Array.from(value).length <= maxLength;
}

export function lineOfTextRule(field: string, maxLength: number): string {
  return `${field} must have 1 to ${maxLength} characters, one of them visible and none a control or format character`;
}
