import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type RequestOptions } from '../support/api-client.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { allowEveryKey, forbidKeyOf } from '../support/forbidden-keys.js';
import { basic, type ClientAccount, expectOAuthError, GivenClients } from '../support/given-clients.js';
import { type Account, claimsOf, Given } from '../support/given.js';
import { caughtUp } from '../support/memory.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf, type Pair, pairsIn, spellings, tampered } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, and jose as another service would use it. Time passes by moving the times of the rows.
let service: TestService;
let given: Given;
let clients: GivenClients;
let client: ClientAccount;
let user: Account;

beforeAll(async () => {
  service = await startService({ AUDIENCE: 'recant,orders' });
  given = new Given(service);
  clients = new GivenClients(service);
  client = await clients.aClient('tokens:introspect tokens:revoke');
});
afterAll(() => service.stop());
beforeEach(async () => {
  user = await given.aUser();
});
// A test that fails half-way must not take the key from the next ones.
afterEach(() => allowEveryKey(service));

type Form = Record<string, string>;
const send = (options: RequestOptions) => service.api.post('/oauth/token', options);
const refresh = (token: string, more: Form = {}) =>
  send({ form: { grant_type: 'refresh_token', client_id: 'recant', refresh_token: token, ...more } });

async function refreshed(token: string, more: Form = {}): Promise<Pair> {
  const answer = await refresh(token, more);
  expect(answer.status).toBe(200);
  return pairsIn(answer)[0]!;
}

async function generationOf(token: string): Promise<number> {
  const sql = 'SELECT generation FROM sessions WHERE id = $1';
  const [row] = await service.database.run<{ generation: number }>(sql, [claimsOf(token).sid]);
  return row!.generation;
}

function age(token: string, column: string, interval: string): Promise<unknown> {
  const sql = `UPDATE sessions SET ${column} = ${column} - $1::interval WHERE id = $2`;
  return service.database.run(sql, [interval, claimsOf(token).sid]);
}

describe('a request to POST /oauth/token', () => {
  const asClient = (form: Form): RequestOptions => ({ form, headers: basic(client) });

  it.each<[string, () => RequestOptions, number, string]>([
    ['without anything', () => ({}), 401, 'invalid_client'],
    [
      'without a client_id',
      () => ({ form: { grant_type: 'refresh_token', refresh_token: user.refresh } }),
      401,
      'invalid_client',
    ],
    [
      'of a wrong secret',
      () => ({ form: { grant_type: 'client_credentials', client_id: client.id, client_secret: 'x' } }),
      401,
      'invalid_client',
    ],
    [
      'of a client without its secret',
      () => ({ form: { grant_type: 'client_credentials', client_id: client.id } }),
      401,
      'invalid_client',
    ],
    [
      'of the public client for itself',
      () => ({ form: { grant_type: 'client_credentials', client_id: 'recant' } }),
      400,
      'unauthorized_client',
    ],
    [
      'with two ways to say who it is',
      () => ({ form: { grant_type: 'client_credentials', client_secret: client.secret }, headers: basic(client) }),
      400,
      'invalid_request',
    ],
    ['without a grant_type', () => asClient({}), 400, 'invalid_request'],
    ['with an empty grant_type', () => asClient({ grant_type: '' }), 400, 'invalid_request'],
    [
      'for a password',
      () => asClient({ grant_type: 'password', username: user.username, password: user.password }),
      400,
      'unsupported_grant_type',
    ],
    ['for a code', () => asClient({ grant_type: 'authorization_code', code: 'x' }), 400, 'unsupported_grant_type'],
    ['for a method of every object', () => asClient({ grant_type: 'constructor' }), 400, 'unsupported_grant_type'],
    ['for a grant in capitals', () => asClient({ grant_type: 'CLIENT_CREDENTIALS' }), 400, 'unsupported_grant_type'],
    [
      'for a refresh without a token',
      () => ({ form: { grant_type: 'refresh_token', client_id: 'recant' } }),
      400,
      'invalid_request',
    ],
    [
      'for a refresh with an empty token',
      () => ({ form: { grant_type: 'refresh_token', client_id: 'recant', refresh_token: '' } }),
      400,
      'invalid_request',
    ],
    [
      'with a parameter twice',
      () => ({
        raw: 'grant_type=a&grant_type=b',
        headers: { ...basic(client), 'content-type': 'application/x-www-form-urlencoded' },
      }),
      400,
      'invalid_request',
    ],
    ['in JSON', () => ({ json: { grant_type: 'client_credentials' }, headers: basic(client) }), 415, 'invalid_request'],
  ])('%s is refused', async (_, options, status, error) => {
    expectOAuthError(await send(options()), status, error);
  });

  it.each(['grant_type=a&grant_type=b', 'grant_type=%FF', 'grant_type=%'])(
    'that is malformed is told of forms alone: %s',
    async (raw) => {
      const headers = { ...basic(client), 'content-type': 'application/x-www-form-urlencoded' };
      const answer = await send({ raw, headers });
      expectOAuthError(answer, 400, 'invalid_request');
      expect(answer.body.error_description).toMatch(/form/);
      expect(answer.body.error_description).not.toMatch(/JSON/);
    },
  );

  it('does not take a refresh token for a client where a Bearer token goes', async () => {
    const headers = { authorization: `Bearer ${user.refresh}` };
    expectOAuthError(await send({ form: { grant_type: 'refresh_token' }, headers }), 401, 'invalid_client');
    expect(await generationOf(user.refresh)).toBe(1);
  });
});

describe('the grant refresh_token', () => {
  it.each<[string, () => string]>([
    ['a word', () => 'x'],
    ['an access token', () => user.access],
    ['a changed one', () => tampered(user.refresh, { claims: { generation: 2 } })],
    ['one of another type', () => tampered(user.refresh, { header: { typ: 'at+jwt' } })],
    ...spellings.map(([name, respell]): [string, () => string] => [`one with ${name}`, () => respell(user.refresh)]),
  ])('is invalid_grant for what is no refresh token, and nothing is spent: %s', async (_, text) => {
    // A respelling may change nothing, and then it is the token.
    for (const token of [text()].filter((respelled) => respelled !== user.refresh)) {
      expectOAuthError(await refresh(token), 400, 'invalid_grant');
    }
    expect(await generationOf(user.refresh)).toBe(1);
    await refreshed(user.refresh);
  });

  it.each([
    ['a logout', () => service.api.post('/logout', { token: user.access })],
    ['a logout everywhere', () => service.api.post('/logout/all', { token: user.access })],
    ['the deletion of its user', () => service.api.delete('/users/me', { token: user.access })],
    ['the end of its idle time', () => age(user.refresh, 'idle_expires_at', '60 days')],
    [
      'the revocation of its name elsewhere',
      async () => {
        await service.database.run(
          `INSERT INTO revocations (level, target, reason, expires_at) VALUES ('token', $1, 'logout', now() + interval '1 day')`,
          [claimsOf(user.refresh).jti],
        );
        await caughtUp(service);
      },
    ],
  ])('is invalid_grant after %s', async (_, end) => {
    await end();
    expectOAuthError(await refresh(user.refresh), 400, 'invalid_grant');
  });

  it('is invalid_grant for a key that was forbidden', async () => {
    await forbidKeyOf(user.refresh, service);
    expectOAuthError(await refresh(user.refresh), 400, 'invalid_grant');
    expect(await generationOf(user.refresh)).toBe(1);
    await allowEveryKey(service);
    await refreshed(user.refresh);
  });

  it('is invalid_grant for a client with a secret, and the token stays unspent', async () => {
    const form = { grant_type: 'refresh_token', refresh_token: user.refresh };
    expectOAuthError(await send({ form, headers: basic(client) }), 400, 'invalid_grant');
    expect(await generationOf(user.refresh)).toBe(1);
    await refreshed(user.refresh);
  });

  it('ends the session of a token that was used again, and only that one, and it stays ended', async () => {
    const elsewhere = await given.aLogin(user.username);
    const second = await refreshed(user.refresh);
    const third = await refreshed(second.refresh);
    // With a resource that is none as well: that must not hide the reuse.
    expectOAuthError(await refresh(user.refresh, { resource: 'nowhere' }), 400, 'invalid_grant');
    expect(await aliveOf(service.api, [user, second, third])).toEqual([]);
    await refreshed(elsewhere.refresh);
  });

  it.each(['openid', 'tokens:revoke', ' '])('grants no scope: "%s"', async (scope) => {
    expectOAuthError(await refresh(user.refresh, { scope }), 400, 'invalid_scope');
    expect(await generationOf(user.refresh)).toBe(1);
  });

  it('answers in the words of RFC 6749 §5.1, and the chain goes on at POST /token/refresh', async () => {
    const { status, body, headers } = await refresh(user.refresh, { scope: '', resource: '', unknown: 'x' });
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: expect.any(String),
      refresh_expires_in: 1_209_600,
    });
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    expect(claimsOf(body.refresh_token)).toMatchObject({ sid: claimsOf(user.refresh).sid, generation: 2 });
    const next = await service.api.post('/token/refresh', { token: body.refresh_token });
    expect(next.status).toBe(200);
  });

  it('sent again gets the very same successor', async () => {
    const first = await refreshed(user.refresh);
    const again = await refreshed(user.refresh);
    expect(again.refresh).toBe(first.refresh);
  });

  it('fifty times at once leaves exactly one living chain', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(user.refresh)));
    expect(new Set(pairsIn(...answers).map((pair) => pair.refresh)).size).toBe(1);
    expect(await generationOf(user.refresh)).toBe(2);
  });
});

describe('the resource of a refresh', () => {
  const loginFor = async (resource: string): Promise<Account> => {
    const { username, password } = user;
    const answer = await service.api.post('/login', { json: { username, password, resource } });
    return { ...user, access: answer.body.access_token, refresh: answer.body.refresh_token };
  };

  it.each(['nowhere', 'recant ', 'RECANT', 'recant,orders', 'constructor'])(
    'that is no audience is invalid_target and spends nothing: "%s"',
    async (resource) => {
      expectOAuthError(await refresh(user.refresh, { resource }), 400, 'invalid_target');
      expect(await generationOf(user.refresh)).toBe(1);
      // Not spent, and not put into the window of a retry either.
      await refreshed(user.refresh);
      expect(await generationOf(user.refresh)).toBe(2);
    },
  );

  it('that the session is not for is invalid_target, also in a retry', async () => {
    const narrow = await loginFor('orders');
    expectOAuthError(await refresh(narrow.refresh, { resource: 'recant' }), 400, 'invalid_target');
    const next = await refreshed(narrow.refresh, { resource: 'orders' });
    expectOAuthError(await refresh(narrow.refresh, { resource: 'recant' }), 400, 'invalid_target');
    expect(claimsOf(next.access)).toMatchObject({ aud: 'orders' });
  });

  it('narrows this access token, and the chain stays for what the session is for', async () => {
    const narrow = await refreshed(user.refresh, { resource: 'orders' });
    expect(claimsOf(narrow.access)['aud']).toBe('orders');
    const wide = await refreshed(narrow.refresh);
    expect(claimsOf(wide.access)['aud']).toEqual(['recant', 'orders']);
    expect([narrow, wide].map((pair) => claimsOf(pair.refresh)['aud'])).toEqual([
      'http://recant.test',
      'http://recant.test',
    ]);
  });
});

describe('the grant client_credentials', () => {
  it.each([
    'tokens:introspect revocations:read',
    'admin',
    'tokens:introspect tokens:introspect',
    ' ',
    'tokens:introspect ',
  ])('gives no more than the client may have: "%s"', async (scope) => {
    expectOAuthError(await clients.tokenAnswer(client, { scope }), 400, 'invalid_scope');
  });

  it('gives no scope to a client that has none', async () => {
    const none = await clients.aClient();
    expectOAuthError(await clients.tokenAnswer(none, { scope: 'tokens:introspect' }), 400, 'invalid_scope');
    const { status, body } = await clients.tokenAnswer(none);
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 900 });
    expect(claimsOf(body.access_token)['scope']).toBe('');
  });

  it('is invalid_target for a resource that is no audience', async () => {
    expectOAuthError(await clients.tokenAnswer(client, { resource: 'nowhere' }), 400, 'invalid_target');
  });

  it.each<[string, Form, string, string | string[]]>([
    ['everything', {}, 'tokens:introspect tokens:revoke', ['recant', 'orders']],
    [
      'everything when the parameters are empty',
      { scope: '', resource: '' },
      'tokens:introspect tokens:revoke',
      ['recant', 'orders'],
    ],
    ['one scope', { scope: 'tokens:revoke' }, 'tokens:revoke', ['recant', 'orders']],
    ['one audience', { resource: 'orders', unknown: 'x' }, 'tokens:introspect tokens:revoke', 'orders'],
  ])('gives %s, in a token that another service can verify', async (_, parameters, scope, aud) => {
    const { status, body, headers } = await clients.tokenAnswer(client, parameters);
    expect(status).toBe(200);
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 900, scope });
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', service.api.url));
    const { payload } = await jwtVerify(body.access_token, keys, { issuer: 'http://recant.test', typ: 'at+jwt' });
    expect(payload).toMatchObject({ sub: client.id, client_id: client.id, scope, aud });
    expect(Object.keys(payload).toSorted()).toEqual([
      'aud',
      'client_id',
      'exp',
      'iat',
      'iss',
      'jti',
      'scope',
      'seq',
      'sub',
    ]);
    expect(payload.exp! - payload.iat!).toBe(900);
  });

  it('takes the secret in the form as well', async () => {
    const { id, secret } = client;
    const form = { grant_type: 'client_credentials', client_id: id, client_secret: secret };
    expect((await send({ form })).status).toBe(200);
  });

  it('is not good for the routes of people', async () => {
    const token = await clients.aToken(client);
    expect((await service.api.get('/secret', { token })).status).toBe(200);
    for (const [method, path] of [
      ['GET', '/users/me'],
      ['DELETE', '/users/me'],
      ['GET', '/users'],
      ['GET', '/sessions'],
      ['GET', '/clients'],
      ['POST', '/logout'],
      ['POST', '/logout/all'],
    ] as const) {
      const answer = await fetch(`${service.api.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
      });
      expect({ path, status: answer.status }).toEqual({ path, status: 403 });
      expect(await answer.json()).toMatchObject({ code: 'insufficient_scope' });
    }
  });
});

describe('a database that does not answer', () => {
  it.each<[string, () => Promise<Answer>]>([
    ['revocations', () => refresh(user.refresh)],
    ['sessions', () => refresh(user.refresh)],
    ['client_secrets', () => clients.tokenAnswer(client)],
  ])('is 503 in the shape of OAuth: without %s', async (table, ask) => {
    const faults = new DatabaseFaults(service.database);
    await faults.takeAway(table);
    try {
      expectOAuthError(await ask(), 503, 'temporarily_unavailable');
    } finally {
      await faults.heal(table);
    }
    expect((await ask()).status).toBe(200);
  });
});
