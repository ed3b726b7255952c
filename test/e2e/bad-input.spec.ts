import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ErrorCode } from '../../src/common/errors/error-catalog.js';
import { type RequestOptions } from '../support/api-client.js';
import { type Account, aPassword, aUsername, Given } from '../support/given.js';
import { expectProblem, expectWrongFields } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL. Nothing of what is refused here may leave a trace in the database.
let service: TestService;
let admin: Account;
let before: unknown;

beforeAll(async () => {
  service = await startService();
  admin = await new Given(service).anAdmin();
});
afterAll(() => service.stop());
beforeEach(async () => {
  before = await everyRow();
});

function everyRow(): Promise<unknown> {
  return service.database.run(
    'SELECT * FROM users LEFT JOIN sessions ON user_id = users.id ORDER BY users.id, sessions.id',
  );
}

async function expectNothingStored(): Promise<void> {
  expect(await everyRow()).toEqual(before);
}

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
const good = () => ({ username: aUsername(), password: aPassword });
const json = (text: string): RequestOptions => ({ raw: text, headers: JSON_TYPE });
const form = (text: string): RequestOptions => ({ raw: text, headers: FORM_TYPE });
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

interface Route {
  name: string;
  send: (options: RequestOptions) => ReturnType<TestService['api']['send']>;
}
const registration: Route = {
  name: 'POST /registration',
  send: (options) => service.api.post('/registration', options),
};
const login: Route = { name: 'POST /login', send: (options) => service.api.post('/login', options) };
const patch: Route = {
  name: 'PATCH /users/:id',
  send: ({ headers, ...options }) =>
    service.api.patch(`/users/${admin.id}`, { ...options, token: admin.access, headers: { ...headers } }),
};

describe.each([registration, login])('$name refuses credentials', ({ send }) => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['without a name', { password: aPassword }, ['username']],
    ['without a password', { username: 'alice' }, ['password']],
    ['without anything', {}, ['password', 'username']],
    ['of null', { username: null, password: null }, ['password', 'username']],
    ['of numbers', { username: 1, password: 12_345_678 }, ['password', 'username']],
    ['of booleans', { username: true, password: false }, ['password', 'username']],
    ['of lists', { username: ['alice'], password: [aPassword] }, ['password', 'username']],
    ['of objects', { username: { a: 1 }, password: { length: 20 } }, ['password', 'username']],
    ['of empty texts', { username: '', password: '' }, ['password', 'username']],
    ['with an unknown field', { ...good(), admin: true }, ['admin']],
    [
      'with a field of the database',
      { ...good(), id: 'x', roles: ['admin'], password_hash: 'x' },
      ['id', 'password_hash', 'roles'],
    ],
    [
      'with a field named like a method',
      { ...good(), toString: 'x', hasOwnProperty: 1 },
      ['hasOwnProperty', 'toString'],
    ],
    ['with a field named constructor', { ...good(), constructor: 'x' }, ['constructor']],
    ['with NUL in the name', { ...good(), username: 'ali\0ce' }, ['username']],
    ['with NUL in the password', { ...good(), password: 'long enough\0' }, ['password']],
    ['with a lone surrogate in the name', { ...good(), username: 'ali\ud800' }, ['username']],
    ['with a lone surrogate in the password', { ...good(), password: 'long enough \ud800' }, ['password']],
    ['with a lone low surrogate in the password', { ...good(), password: '\udc00 long enough' }, ['password']],
    ['with a name of 60,000 letters', { ...good(), username: 'a'.repeat(60_000) }, ['username']],
    ['with a password of 60,000 letters', { ...good(), password: 'a'.repeat(60_000) }, ['password']],
  ])('%s, and names the fields', async (_, credentials, fields) => {
    expectWrongFields(await send({ json: credentials }), fields);
    await expectNothingStored();
  });

  it.each([
    ['a name twice', 'username=NAME&username=other&password=long+enough'],
    ['a name as a list', 'username[]=a&password=long+enough'],
    ['a name as a field of a field', 'username[a]=a&password=long+enough'],
    ['an unknown field', 'username=NAME&password=long+enough&admin=true'],
    ['NUL', 'username=NAME&password=long+enough%00'],
    ['bytes that are no UTF-8', 'username=NAME&password=long+enough%FF%FE'],
    ['a broken escape', 'username=NAME&password=long+enough%'],
    ['half a surrogate', 'username=NAME&password=long+enough%ED%A0%80'],
    ['__proto__', 'username=NAME&password=long+enough&__proto__=x'],
    ['constructor', 'username=NAME&password=long+enough&constructor=x'],
    ['no field', ''],
    ['ten thousand fields', Array.from({ length: 9_000 }, (_, n) => `a${n}=`).join('&')],
  ])('of a form with %s', async (_, text) => {
    const answer = await send(form(text.replace('NAME', aUsername())));
    expectProblem(answer, answer.body.code === 'malformed_body' ? 'malformed_body' : 'validation_failed');
    await expectNothingStored();
  });
});

describe.each([registration, login, patch])('$name refuses a body', ({ send }) => {
  it.each<[string, RequestOptions, ErrorCode]>([
    ['that is a list', json('[]'), 'malformed_body'],
    ['that is null', json('null'), 'malformed_body'],
    ['that is a number', json('1'), 'malformed_body'],
    ['that is a text', json('"username"'), 'malformed_body'],
    ['that is true', json('true'), 'malformed_body'],
    ['that is half', json('{"username":"a"'), 'malformed_body'],
    ['that is none', json('username=a'), 'malformed_body'],
    ['that has more after it', json('{} {}'), 'malformed_body'],
    ['that has a field twice', json('{"username":"a","password":"b","username":"c"}'), 'malformed_body'],
    ['that has a field twice, once escaped', json('{"username":"a","user\\u006eame":"c"}'), 'malformed_body'],
    ['that has NaN', json('{"username":NaN}'), 'malformed_body'],
    ['of blanks', json('   '), 'malformed_body'],
    ['with __proto__', json('{"__proto__":{"username":"a"}}'), 'malformed_body'],
    ['with __proto__ inside', json('{"username":{"__proto__":{"a":1}}}'), 'malformed_body'],
    ['with __proto__ in escapes', json('{"\\u005f_proto__":{"username":"a"}}'), 'malformed_body'],
    ['with constructor.prototype', json('{"constructor":{"prototype":{"a":1}}}'), 'malformed_body'],
    ['5,000 lists deep', json(`{"username":${'['.repeat(5_000)}${']'.repeat(5_000)}}`), 'malformed_body'],
    ['5,000 objects deep', json(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`), 'malformed_body'],
    ['33 levels deep', json(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`), 'malformed_body'],
    ['that is no UTF-8', { raw: bytes('{"username":"\xff\xfe"}'), headers: JSON_TYPE }, 'malformed_body'],
    ['in UTF-16', { raw: new Uint8Array(Buffer.from('{}', 'utf16le')), headers: JSON_TYPE }, 'malformed_body'],
    ['of 70 KB', json(`{"username":"${'a'.repeat(70_000)}"}`), 'payload_too_large'],
    ['of 70 KB in a form', form(`username=${'a'.repeat(70_000)}`), 'payload_too_large'],
    ['of text', { raw: '{}', headers: { 'content-type': 'text/plain' } }, 'unsupported_media_type'],
    ['of XML', { raw: '<a/>', headers: { 'content-type': 'application/xml' } }, 'unsupported_media_type'],
    [
      'in parts',
      { raw: '--a--', headers: { 'content-type': 'multipart/form-data; boundary=a' } },
      'unsupported_media_type',
    ],
    ['of no type', { raw: bytes('{}') }, 'unsupported_media_type'],
    ['of a type that is none', { raw: '{}', headers: { 'content-type': 'json' } }, 'unsupported_media_type'],
    ['of JSON text', { raw: '{}', headers: { 'content-type': 'application/json-seq' } }, 'unsupported_media_type'],
    ...['utf-16', 'latin1', '"iso-8859-1"', '', 'utf-8; charset=utf-16', 'utf-8x'].map(
      (charset): [string, RequestOptions, ErrorCode] => [
        `of charset ${charset}`,
        { raw: '{}', headers: { 'content-type': `application/json; charset=${charset}` } },
        'unsupported_media_type',
      ],
    ),
    ...['gzip', 'deflate', 'br', 'GZIP', 'identity, gzip', 'unknown'].map(
      (encoding): [string, RequestOptions, ErrorCode] => [
        `in ${encoding}`,
        { raw: new Uint8Array(gzipSync('{}')), headers: { ...JSON_TYPE, 'content-encoding': encoding } },
        'unsupported_media_type',
      ],
    ),
  ])('%s', async (_, options, code) => {
    const answer = await send(options);
    // Where a form is not taken at all, its size does not matter.
    expectProblem(answer, answer.status === 415 && code === 'payload_too_large' ? 'unsupported_media_type' : code);
    await expectNothingStored();
  });

  it('that is empty, for its missing fields, or takes it where none is needed', async () => {
    for (const options of [json(''), { headers: JSON_TYPE }, {}]) {
      expect([200, 400]).toContain((await send(options)).status);
    }
    await expectNothingStored();
  });
});

describe('a form', () => {
  it('is not taken where JSON alone goes', async () => {
    expectProblem(await patch.send(form('disabled=false')), 'unsupported_media_type');
    await expectNothingStored();
  });
});

describe('a body that is good', () => {
  it.each<[string, (text: string) => RequestOptions]>([
    ['UTF-8 by name', (raw) => ({ raw, headers: { 'content-type': 'application/json; charset=utf-8' } })],
    ['UTF-8 by name, in capitals', (raw) => ({ raw, headers: { 'content-type': 'Application/JSON;charset="UTF-8"' } })],
    ['the identity encoding', (raw) => ({ raw, headers: { ...JSON_TYPE, 'content-encoding': 'identity' } })],
    ['blanks around it', (text) => json(`\r\n ${text}\t`)],
  ])('is taken with %s', async (_, options) => {
    expect((await registration.send(options(JSON.stringify(good())))).status).toBe(201);
  });
});
