/** A UUID's 16 bytes as numbers: 32 bits in each. */
export const UUID_WORDS = 4;

// More than four digits can make, wherever in a group of four it stands.
const NOT_A_DIGIT = 2 ** 16;
const MAX_GROUP = 0xffff;

/** The values of hexadecimal digits by character code, in both cases: another spelling is no other UUID. */
const DIGITS = new Int32Array(128).fill(NOT_A_DIGIT);
for (const digits of ['0123456789abcdef', '0123456789ABCDEF']) {
  for (let value = 0; value < digits.length; value++) DIGITS[digits.charCodeAt(value)] = value;
}

/**
 * Reads a UUID without making a string or an array, since each request does it three times.
 *
 * @throws RangeError for any other text, as the database does: what cannot be looked up must not count as "not found".
 */
export function readUuid(text: string, words: Uint32Array): void {
  const [a, b] = [fourDigits(text, 0), fourDigits(text, 4)];
  const [c, d] = [fourDigits(text, 9), fourDigits(text, 14)];
  const [e, f] = [fourDigits(text, 19), fourDigits(text, 24)];
  const [g, h] = [fourDigits(text, 28), fourDigits(text, 32)];
  if ((a | b | c | d | e | f | g | h) > MAX_GROUP || text.length !== 36 || !hasHyphens(text))
    throw new RangeError('not a UUID');
  words[0] = (a << 16) | b;
  words[1] = (c << 16) | d;
  words[2] = (e << 16) | f;
  words[3] = (g << 16) | h;
}

function fourDigits(text: string, at: number): number {
  return (digit(text, at) << 12) | (digit(text, at + 1) << 8) | (digit(text, at + 2) << 4) | digit(text, at + 3);
}

function digit(text: string, at: number): number {
  return DIGITS[text.charCodeAt(at)] ?? NOT_A_DIGIT;
}

function hasHyphens(text: string): boolean {
  return text[8] === '-' && text[13] === '-' && text[18] === '-' && text[23] === '-';
}
