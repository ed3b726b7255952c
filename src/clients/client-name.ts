const MAX_NAME_LENGTH = 120;

export const CLIENT_NAME_RULE = `client_name must have 1 to ${MAX_NAME_LENGTH} characters, none of them a control character`;

/** Whether a value can be the name of a client: a line that a list can show. */
export function isClientName(value: unknown): value is string {
  if (typeof value !== 'string' || !value.isWellFormed() || /\p{Cc}/u.test(value)) return false;
  // Code points, so that an emoji is one.
  const length = Array.from(value).length;
  return length >= 1 && length <= MAX_NAME_LENGTH;
}
