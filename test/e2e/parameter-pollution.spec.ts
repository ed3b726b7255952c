import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, aPassword, aUsername, Given } from '../support/given.js';
import { type ClientAccount, basic, GivenClients } from '../support/given-clients.js';
import { expectProblem, expectWrongFields } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL. What a parser and the code behind it, or two parsers in a row, could take for different things.
let service: TestService;
let admin: Account;
let client: ClientAccount;

beforeAll(async () => {
  service = await startService();
  admin = await new Given(service).anAdmin();
  client = await new GivenClients(service).aClient('revocations:read');
});
afterAll(() => service.stop());

describe.each(['/users', '/clients', '/revocations/records', '/revocations'])('the query of %s', (path) => {
  const ask = (query: string) => {
    const headers = path === '/revocations' ? basic(client) : { authorization: `Bearer ${admin.access}` };
    return service.api.get(`${path}?${query}`, { headers });
  };

  it.each([
    ['a parameter twice', 'limit=1&limit=2', 'limit'],
    ['the same twice', 'limit=1&limit=1', 'limit'],
    ['one twice, once in escapes', 'limit=1&l%69mit=2', 'limit'],
    ['a list in brackets', 'limit[]=1', 'limit[]'],
    ['an object in brackets', 'limit[gte]=1', 'limit[gte]'],
    ['a dot in its name', 'limit.gte=1', 'limit.gte'],
    ['another case', 'LIMIT=1', 'LIMIT'],
    ['a blank before its name', '%20limit=1', ' limit'],
    ['__proto__', '__proto__=1', '__proto__'],
    ['__proto__ in brackets', '__proto__[limit]=1', '__proto__[limit]'],
    ['constructor', 'constructor=1', 'constructor'],
    ['prototype', 'prototype=1', 'prototype'],
    ['toString', 'toString=1', 'toString'],
    ['a name that is empty', '=1', ''],
    ['a name that nobody knows', 'is_admin=true', 'is_admin'],
  ])('with %s is refused by name', async (_, query, field) => {
    expectWrongFields(await ask(query), [field]);
    expectWrongFields(await ask(`${query}&`), [field]);
  });

  it('without any, or with an empty one, is as it was', async () => {
    for (const query of ['', '&', '&&']) expect((await ask(query)).status).toBe(200);
  });
});

describe.each(['/registration', '/login'])('the query of %s', (path) => {
  it('is not read: a name and a password belong into the body', async () => {
    const { username, password } = { username: aUsername(), password: aPassword };
    const query = new URLSearchParams({ username, password, roles: 'admin' }).toString();
    expectWrongFields(await service.api.post(`${path}?${query}`, { json: {} }), ['password', 'username']);
  });
});

describe('a member of JSON', () => {
  const json = (text: string) => ({ raw: text, headers: { 'content-type': 'application/json' }, token: admin.access });
  const send = (text: string) => service.api.patch(`/users/${admin.id}`, json(text));

  it.each(['prototype', 'constructor', 'hasOwnProperty', 'isAdmin', 'roles[]', 'roles.0', 'Roles', ' roles', ''])(
    'that is called %j is refused by name',
    async (name) => {
      expectWrongFields(await send(`{${JSON.stringify(name)}:["editor"]}`), [name]);
    },
  );

  it.each([
    ['twice', '{"disabled":false,"disabled":true}'],
    ['twice, the same', '{"disabled":false,"disabled":false}'],
    ['twice, with others between', '{"disabled":false,"roles":[],"disabled":true}'],
    ['as __proto__', '{"__proto__":{"disabled":true}}'],
    ['as __proto__ in a list', '{"roles":[{"__proto__":{"a":1}}]}'],
    ['as constructor with a prototype', '{"constructor":{"prototype":{"disabled":true}}}'],
  ])('that comes %s is refused, and nothing is changed', async (_, text) => {
    expectProblem(await send(text), 'malformed_body');
    const { body } = await service.api.get(`/users/${admin.id}`, { token: admin.access });
    expect(body).toMatchObject({ roles: ['admin'], disabled: false });
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
