import fc from 'fast-check';
import { type OpenAPIObject } from '@nestjs/swagger';
import { naughtyJson, naughtyName, naughtyText } from './naughty.js';

/**
 * A request as it will be on the wire, but for `<<user.access>>` and the like: who stands behind such a name is made when it
 * is sent, so that a counterexample can be read and sent again.
 */
export interface GeneratedRequest {
  method: string;
  target: string;
  fields: string[];
  body: string | null;
  isChunked: boolean;
}

export interface Operation {
  /** Its method and its address, as the document has them. */
  name: string;
  method: string;
  path: string;
  parameters: { in: string; name: string; required?: boolean; schema: Schema }[];
  bodies: Record<string, Schema>;
  security: string[];
}

interface Schema {
  type?: string;
  enum?: string[];
  example?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
}

type Entry = [name: string, json: string];

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'QUERY',
  'FROBNICATE',
];

const CONTENT_TYPES = [
  'application/json; charset=utf-16',
  'Application/JSON;charset="UTF-8"',
  'application/problem+json',
  'application/json, text/plain',
  'text/plain',
  'text/html; charset=utf-8',
  'application/xml',
  'multipart/form-data; boundary=a',
  'application/x-unread',
  'application/octet-stream',
  'json',
  ';',
  '',
  '*/*',
];

const FIELD_NAMES = [
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Cookie',
  'Content-Encoding',
  'Content-Language',
  'DPoP',
  'Expect',
  'Forwarded',
  'If-Match',
  'If-None-Match',
  'If-Modified-Since',
  'Last-Event-ID',
  'Origin',
  'Range',
  'Referer',
  'TE',
  'Upgrade',
  'User-Agent',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-HTTP-Method-Override',
  '__proto__',
];

/** Whoever may stand behind a request, and some who may not. */
const CREDENTIALS = [
  'Bearer <<user.access>>',
  'Bearer <<admin.access>>',
  'Bearer <<user.refresh>>',
  'Bearer <<client.access>>',
  'Bearer <<revoked.access>>',
  'Basic <<client.basic>>',
  'Basic Og==',
  'Basic <<user.access>>',
  'Bearer',
  'Bearer ',
  'Bearer a.b.c',
  'bearer <<user.access>>',
  'Bearer <<user.access>> x',
  'Bearer <<user.access>>x',
];

/** Which of them an operation asks for. */
const RIGHT_CREDENTIALS: Record<string, string[]> = {
  access_token: [
    ...Array<string>(4).fill('Bearer <<admin.access>>'),
    'Bearer <<user.access>>',
    'Bearer <<client.access>>',
  ],
  refresh_token: ['Bearer <<user.refresh>>'],
  client: ['Basic <<client.basic>>'],
};

const NOBODY = '00000000-0000-4000-8000-000000000000';

/** What a member, a parameter or a part of an address means by its name, where its schema says no more than `string`. */
const MEANINGS: Record<string, string[]> = {
  id: ['<<user.id>>', '<<user.sid>>', '<<client.id>>', NOBODY],
  'users/id': ['<<user.id>>', '<<user.id>>', '<<client.id>>', NOBODY],
  'clients/id': ['<<client.id>>', '<<client.id>>', '<<user.id>>', NOBODY],
  'sessions/id': ['<<admin.sid>>', '<<admin.sid>>', '<<user.sid>>', NOBODY],
  sid: ['<<user.sid>>', NOBODY],
  kid: ['<<key.kid>>', 'none'],
  cursor: [`1767225600000000.${NOBODY}`, `1.${NOBODY}`, '1767225600000000.1', '1'],
  actor: ['<<user.id>>', '<<client.id>>', 'recant', NOBODY],
  target: ['<<user.id>>', '<<key.kid>>', NOBODY],
  session_id: ['<<user.sid>>', NOBODY],
  ip: ['127.0.0.1', '::1', '::ffff:127.0.0.1'],
  from: ['2026-01-01T12:00:00Z', '2026-01-01T12:00:00.000+02:00', '2026-02-30T12:00:00Z'],
  to: ['2099-01-01T12:00:00Z', '2026-01-01'],
  audience: ['recant', 'orders'],
  username: ['<<new.username>>', '<<user.username>>'],
  password: ['<<user.password>>', '<<user.password>>', 'password'],
  current_password: ['<<user.password>>', 'wrong'],
  new_password: ['a better horse, a better staple'],
  grant_type: ['refresh_token', 'client_credentials'],
  token: ['<<user.access>>', '<<user.refresh>>', '<<client.access>>', '<<revoked.access>>'],
  refresh_token: ['<<user.refresh>>', '<<user.access>>'],
  client_id: ['<<client.id>>', 'recant'],
  client_secret: ['<<client.secret>>', 'wrong'],
  resource: ['recant', 'orders', 'nowhere'],
  scope: ['', 'tokens:introspect', 'tokens:introspect tokens:revoke revocations:read'],
  'Last-Event-ID': ['0', '1', '999999999999999'],
};

export function operationsOf(document: OpenAPIObject): Operation[] {
  const schemas = document.components!.schemas as unknown as Record<string, Schema>;
  const resolved = ({ $ref }: { $ref: string }): Schema => schemas[$ref.split('/').at(-1)!]!;
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Described>).map(([method, described]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      parameters: described.parameters ?? [],
      bodies: Object.fromEntries(
        Object.entries(described.requestBody?.content ?? {}).map(([type, { schema }]) => [type, resolved(schema)]),
      ),
      security: described.security.flatMap((scheme) => Object.keys(scheme)),
    })),
  );
}

interface Described {
  parameters?: Operation['parameters'];
  requestBody?: { content: Record<string, { schema: { $ref: string } }> };
  security: object[];
}

/** Requests of an operation: most of them nearly as the document says, each with a fault here or there, or with none. */
export function requestsOf(operation: Operation): fc.Arbitrary<GeneratedRequest> {
  return fc
    .record({
      method: seldom(12, fc.constantFrom(...METHODS), fc.constant(operation.method)),
      path: pathOf(operation),
      query: queryOf(operation),
      credentials: credentialsOf(operation),
      fields: fieldsOf(operation),
      content: contentOf(operation),
      isChunked: seldom(6, fc.constant(true), fc.constant(false)),
    })
    .map(({ method, path, query, credentials, fields, content, isChunked }) => ({
      method,
      target: onOneLine(query === '' ? path : `${path}?${query}`),
      fields: [...credentials, ...fields, ...content.fields].map(onOneLine),
      body: content.body,
      isChunked,
    }));
}

/** One of `usual`, and once in so many times one of `rare`. */
function seldom<T>(oneIn: number, rare: fc.Arbitrary<T>, usual: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: oneIn - 1, arbitrary: usual }, { weight: 1, arbitrary: rare });
}

/** The end of a line ends a field: what comes after it would be another one, and not a fault of this one. */
function onOneLine(text: string): string {
  return text.replaceAll(/[\r\n]/g, '');
}

function pathOf({ path }: Operation): fc.Arbitrary<string> {
  const parts = path.split('/');
  const segments = parts.map((segment, i) => {
    const name = /^\{(.+)\}$/.exec(segment)?.[1];
    if (name === undefined) return fc.constant(segment);
    const meanings = MEANINGS[`${parts[i - 1]}/${name}`] ?? MEANINGS[name] ?? ['x'];
    return seldom(5, fc.oneof(naughtyText.map(encoded), naughtyText), fc.constantFrom(...meanings));
  });
  const whole = fc.tuple(...segments).map((all) => all.join('/'));
  const ends = fc.constantFrom('/', '//', '%', '%00', '%ff', '/..', ';a=1', '/x', '#a', '%F0%9F%98%80');
  return seldom(
    12,
    fc.tuple(whole, ends).map((all) => all.join('')),
    whole,
  );
}

function queryOf({ parameters }: Operation): fc.Arbitrary<string> {
  const documented = parameters.filter((parameter) => parameter.in === 'query');
  const pairs = documented.map(({ name, schema }) =>
    fc.oneof(
      // However many there may be, the usual request has one or two.
      { weight: 3 * documented.length, arbitrary: fc.constant('') },
      { weight: 3, arbitrary: meant(name, schema).map((value) => `${name}=${encoded(value)}`) },
      { weight: 1, arbitrary: naughtyText.map((value) => `${name}=${encoded(value)}`) },
      { weight: 1, arbitrary: meant(name, schema).map((value) => `${name}=${encoded(value)}&${name}=2`) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(`${name}[]=1`, `${name}[a]=1`, `${name}.a=1`, name, `${name}=%`, `%${name}=1`),
      },
    ),
  );
  const other = fc.oneof(
    fc.tuple(naughtyName, naughtyText).map(([name, value]) => `${encoded(name)}=${encoded(value)}`),
    naughtyText.map((text) => text.replaceAll(/\s/g, '')),
    fc.constantFrom(
      'access_token=<<user.access>>',
      'a=1&a=2',
      'a[b]=c',
      'a[__proto__][b]=c',
      '__proto__=a',
      '=',
      '&&',
      '%',
    ),
  );
  const extra = seldom(8, other, fc.constant(''));
  return fc.tuple(...pairs, extra).map((all) => all.filter((pair) => pair !== '').join('&'));
}

function credentialsOf({ security }: Operation): fc.Arbitrary<string[]> {
  const right = security.flatMap((scheme) => RIGHT_CREDENTIALS[scheme] ?? []);
  const any = fc.oneof(fc.constantFrom(...CREDENTIALS), naughtyText);
  const one = right.length === 0 ? any : seldom(4, any, fc.constantFrom(...right));
  const field = one.map((value) => [`Authorization: ${value}`]);
  const none = fc.constant<string[]>([]);
  const two = fc.tuple(any, any).map((values) => values.map((value) => `Authorization: ${value}`));
  const usual = right.length === 0 ? seldom(4, field, none) : seldom(8, none, field);
  return seldom(20, two, usual);
}

function fieldsOf({ parameters }: Operation): fc.Arbitrary<string[]> {
  const documented = parameters.filter((parameter) => parameter.in === 'header');
  const meantFields = documented.map(({ name, schema }) =>
    fc.oneof(
      fc.constant<never[]>([]),
      meant(name, schema).map((value) => [`${name}: ${value}`]),
    ),
  );
  const value = fc.oneof(
    naughtyText,
    fc.constantFrom('gzip', '*', '*/*', '"a"', 'W/"a"', 'bytes=0-1', '::1', 'websocket'),
  );
  const odd = fc.tuple(fc.constantFrom(...FIELD_NAMES), value).map(([name, text]) => [`${name}: ${text}`]);
  return fc.tuple(...meantFields, seldom(4, odd, fc.constant<never[]>([]))).map((lists) => lists.flat());
}

interface Content {
  fields: string[];
  body: string | null;
}

function contentOf({ bodies }: Operation): fc.Arbitrary<Content> {
  const documented = Object.entries(bodies).map(([type, schema]) =>
    entriesOf(schema).map((entries) => ({ type, body: /json/.test(type) ? jsonOf(entries) : formOf(entries) })),
  );
  const none = fc.constant<Content>({ fields: [], body: null });
  const unasked = fc
    .array(fc.tuple(naughtyName, naughtyJson), { maxLength: 2 })
    .map((entries) => ({ type: 'application/json', body: jsonOf(entries) }));
  const usual = documented.length === 0 ? unasked : fc.oneof(...documented);
  const content = fc
    .record({
      whole: usual,
      otherType: seldom(12, fc.constantFrom(...CONTENT_TYPES), fc.constant(null)),
      damage: seldom(
        8,
        fc.constantFrom(...damages),
        fc.constant((text: string) => text),
      ),
    })
    .map(({ whole, otherType, damage }) => ({
      fields: [`Content-Type: ${otherType ?? whole.type}`],
      body: damage(whole.body),
    }));
  return documented.length === 0 ? seldom(5, content, none) : seldom(15, none, content);
}

/** What may happen to a body on its way. */
const damages: ((text: string) => string)[] = [
  (text) => text.slice(0, -1),
  (text) => `${text}${text}`,
  (text) => `[${text}]`,
  (text) => `\ufeff${text}`,
  (text) => `${text}&`,
  () => '',
  () => ' ',
  () => 'null',
  () => '[]',
  () => '"a"',
  // Written as one byte, which is no UTF-8.
  (text) => `${text.slice(0, 5)}\u{10ffff}${text.slice(5)}`,
  (text) => text + ' '.repeat(70_000),
];

function entriesOf({ properties = {}, required = [] }: Schema): fc.Arbitrary<Entry[]> {
  const members = Object.entries(properties).map(([name, schema]) => {
    const right = meantJson(name, schema).map((json): Entry[] => [[name, json]]);
    const wrong = naughtyJson.map((json): Entry[] => [[name, json]]);
    const twice = fc.tuple(right, right).map((both) => both.flat());
    const absent = fc.constant<Entry[]>([]);
    const usual = required.includes(name) ? seldom(12, absent, right) : fc.oneof(absent, absent, right);
    return seldom(6, fc.oneof(wrong, wrong, twice), usual);
  });
  const extra = seldom(
    8,
    fc.tuple(naughtyName, naughtyJson).map((entry): Entry[] => [entry]),
    fc.constant<never[]>([]),
  );
  return fc.tuple(...members, extra).map((lists) => lists.flat());
}

/** A value that the document would have there. */
function meant(name: string, schema: Schema): fc.Arbitrary<string> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.type === 'integer') return fc.constantFrom(schema.minimum ?? 0, 1, 7, schema.maximum ?? 100).map(String);
  const examples = [schema.example, schema.default].filter((value) => typeof value === 'string');
  return fc.constantFrom(...(MEANINGS[name] ?? (examples.length > 0 ? examples : ['x'])));
}

function meantJson(name: string, schema: Schema): fc.Arbitrary<string> {
  if (schema.type === 'boolean') return fc.constantFrom('true', 'false');
  if (schema.type === 'array') return fc.constantFrom('[]', '["editor"]', '["admin"]', '["editor","reader"]');
  if (schema.type === 'integer') return meant(name, schema);
  return meant(name, schema).map((value) => JSON.stringify(value));
}

/** By hand, so that a name may come twice, and may be `__proto__`. */
function jsonOf(entries: Entry[]): string {
  return `{${entries.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
}

function formOf(entries: Entry[]): string {
  return entries.map(([name, json]) => `${encoded(name)}=${encoded(textIn(json))}`).join('&');
}

function textIn(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' ? value : json;
  } catch {
    return json;
  }
}

/** Percent-encoded; half a surrogate as the three bytes that stand for it nowhere. The names of `<<…>>` stay as they are. */
function encoded(text: string): string {
  if (/^<<[\w.]+>>$/.test(text)) return text;
  return text.replaceAll(/[\s\S]/gu, (character) =>
    character.isWellFormed() ? encodeURIComponent(character) : '%ED%A0%80',
  );
}
