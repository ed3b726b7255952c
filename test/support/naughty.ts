import fc from 'fast-check';

/** Texts that have surprised somebody's code before. */
const known = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'a\udc00',
  '\ufeff',
  '\u202eabc',
  '\u2066\u2069',
  'e\u0301',
  'İ',
  'ﬁ',
  '😀',
  '\x7f',
  '\x1b[31m',
  '%',
  '%00',
  '%ff',
  '%2e%2e',
  '..',
  '../..',
  '/',
  '\\',
  '"',
  "'",
  "' OR 1=1 --",
  '$1',
  '${1}',
  '{{1}}',
  '<script>',
  'null',
  'undefined',
  'NaN',
  'true',
  '[]',
  '{}',
  '-1',
  '0x10',
  '1e400',
  '99999999999999999999',
  '00000000-0000-0000-0000-000000000000',
  '00000000-0000-4000-8000-00000000000g',
  'me',
  'all',
  'admin',
  'Bearer',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'length',
  'a'.repeat(300),
  'ä'.repeat(2_000),
];

/** Any text, also one that is no Unicode: a lone surrogate is a character of its own here. */
export const naughtyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...known) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.array(fc.nat(0xffff), { maxLength: 8 }).map((codes) => String.fromCharCode(...codes)) },
);

/** Names of members and fields that are nobody's, or everybody's. */
export const naughtyName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'then', 'toJSON'),
  fc.constantFrom(
    'id',
    'roles',
    'role',
    'disabled',
    'is_admin',
    'password_hash',
    'created_at',
    'sub',
    'a[b]',
    'a.b',
    'a[]',
  ),
  naughtyText,
);

/** The text of a JSON value of any type and shape; now and then of something that is no JSON. */
export const naughtyJson: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: naughtyText.map((text) => JSON.stringify(text)) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('null', 'true', 'false', '0', '-0', '-1', '1.5', '1e400', '1e-400', '2147483648'),
  },
  { weight: 2, arbitrary: fc.array(naughtyText, { maxLength: 3 }).map((texts) => JSON.stringify(texts)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(naughtyName, naughtyText)
      .map(([name, text]) => `{${JSON.stringify(name)}:${JSON.stringify(text)}}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(2, 31, 33, 1_000).map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(2, 31, 33, 1_000).map((depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      'NaN',
      'undefined',
      '01',
      '0x10',
      "'a'",
      '[1,]',
      '{"a":1,"a":2}',
      '"\\ud800"',
      '"\\x"',
    ),
  },
);
