import { createHmac, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type RequestOptions } from '../support/api-client.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { allowEveryKey, forbidKeyOf } from '../support/forbidden-keys.js';
import { basic, type ClientAccount, expectOAuthError, GivenClients } from '../support/given-clients.js';
import { type Account, claimsOf, Given } from '../support/given.js';
import { startService, type TestService } from '../support/service.js';
import { forge, headerOf, pairsIn, spellings, tampered } from '../support/tokens.js';

// Real: HTTP, PostgreSQL. Time passes by moving the times of the rows.
let service: TestService;
let given: Given;
let clients: GivenClients;
let client: ClientAccount;
let user: Account;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
  clients = new GivenClients(service);
  client = await clients.aClient('tokens:introspect');
});
afterAll(() => service.stop());
beforeEach(async () => {
  user = await given.aUser();
});
// A test that fails half-way must not take the key from the next ones.
afterEach(() => allowEveryKey(service));

const send = (options: RequestOptions) => service.api.post('/oauth/introspect', options);
const ask = (token: string, more: Record<string, string> = {}) =>
  send({ form: { token, ...more }, headers: basic(client) });
const refreshed = async (token: string) => pairsIn(await service.api.post('/token/refresh', { token }))[0]!;

/** The whole answer about a token that does not count, and nothing beside it. */
function expectInactive({ status, body }: Answer): void {
  expect({ status, body }).toEqual({ status: 200, body: { active: false } });
}

async function expectActive(token: string): Promise<void> {
  expect((await ask(token)).body).toMatchObject({ active: true });
}

const encoded = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('a caller of POST /oauth/introspect', () => {
  const form = () => ({ token: user.access });

  it.each<[string, (known: ClientAccount) => RequestOptions]>([
    ['without credentials', () => ({})],
    ['with an empty client_id', () => ({ form: { client_id: '' } })],
    ['with a client_id alone', ({ id }) => ({ form: { client_id: id } })],
    ['with a secret alone', ({ secret }) => ({ form: { client_secret: secret } })],
    ['with an empty secret', ({ id }) => ({ form: { client_id: id, client_secret: '' } })],
    ['with a wrong secret', ({ id }) => ({ form: { client_id: id, client_secret: randomBytes(32).toString('hex') } })],
    ['with an unknown id', ({ secret }) => ({ form: { client_id: randomUUID(), client_secret: secret } })],
    ['with an id that is none', ({ secret }) => ({ form: { client_id: "' OR 1=1", client_secret: secret } })],
    ['with NUL in its id', ({ secret }) => ({ form: { client_id: '\0', client_secret: secret } })],
    ['with the id in capitals', ({ id, secret }) => ({ form: { client_id: id.toUpperCase(), client_secret: secret } })],
    ['that is the public client', () => ({ form: { client_id: 'recant' } })],
    ['that is the public client with a secret', () => ({ form: { client_id: 'recant', client_secret: 'recant' } })],
    ['with a wrong secret in Basic', ({ id }) => ({ headers: basic({ id, secret: 'wrong' }) })],
    ['with no secret in Basic', ({ id }) => ({ headers: { authorization: encoded(`${id}:`) } })],
    ['with no id in Basic', ({ secret }) => ({ headers: { authorization: encoded(`:${secret}`) } })],
    ['with no colon in Basic', ({ id }) => ({ headers: { authorization: encoded(id) } })],
    ['with a broken escape in Basic', ({ id }) => ({ headers: { authorization: encoded(`${id}:%`) } })],
    ['with Basic that is not UTF-8', () => ({ headers: { authorization: 'Basic //79/w==' } })],
    ['with Basic that is not base64', ({ id, secret }) => ({ headers: { authorization: `Basic ${id}:${secret}` } })],
    ['with Basic and nothing', () => ({ headers: { authorization: 'Basic' } })],
    ['with more behind Basic', (known) => ({ headers: { authorization: `${basic(known)['authorization']} x` } })],
    ['with its access token', () => ({ headers: { authorization: `Bearer ${user.access}` } })],
  ])('%s is 401 invalid_client', async (_, credentials) => {
    const { form: more, headers } = credentials(client);
    expectOAuthError(await send({ form: { ...form(), ...more }, ...(headers && { headers }) }), 401, 'invalid_client');
  });

  it.each<[string, (known: ClientAccount) => Record<string, string>]>([
    ['the same secret in the form', ({ id, secret }) => ({ client_id: id, client_secret: secret })],
    ['a secret in the form', ({ secret }) => ({ client_secret: secret })],
    ['another client in the form', () => ({ client_id: randomUUID() })],
  ])('who is known by Basic and says %s too is 400', async (_, more) => {
    const answer = await send({ form: { ...form(), ...more(client) }, headers: basic(client) });
    expectOAuthError(answer, 400, 'invalid_request');
  });

  it.each(['', 'tokens:revoke', 'revocations:read', 'tokens:revoke revocations:read'])(
    'with the scope "%s" is 403 insufficient_scope',
    async (scope) => {
      const headers = basic(await clients.aClient(scope));
      expectOAuthError(await send({ form: form(), headers }), 403, 'insufficient_scope');
    },
  );

  it.each<[string, (known: ClientAccount) => RequestOptions]>([
    ['by Basic', (known) => ({ headers: basic(known) })],
    [
      'by basic in small letters',
      ({ id, secret }) => ({ headers: { authorization: encoded(`${id}:${secret}`).replace('B', 'b') } }),
    ],
    ['by Basic with its id in the form', (known) => ({ headers: basic(known), form: { client_id: known.id } })],
    ['by Basic and an empty secret in the form', (known) => ({ headers: basic(known), form: { client_secret: '' } })],
    ['by a form', ({ id, secret }) => ({ form: { client_id: id, client_secret: secret } })],
    [
      'by Basic with every character encoded',
      ({ id, secret }) => {
        const all = (text: string) => Buffer.from(text).toString('hex').replace(/../g, '%$&');
        return { headers: { authorization: encoded(`${all(id)}:${all(secret)}`) } };
      },
    ],
  ])('who is known %s is answered', async (_, credentials) => {
    const { form: more, headers } = credentials(client);
    const { status, body } = await send({ form: { ...form(), ...more }, ...(headers && { headers }) });
    expect({ status, active: body.active }).toEqual({ status: 200, active: true });
  });
});

describe('a request to POST /oauth/introspect', () => {
  const raw = (text: string, type = 'application/x-www-form-urlencoded') =>
    send({ raw: text, headers: { ...basic(client), 'content-type': type } });

  it.each(['', 'token=', 'token_type_hint=access_token', 'toString=x'])(
    'of "%s" is 400, for want of a token',
    async (text) => {
      expectOAuthError(await raw(text), 400, 'invalid_request');
    },
  );

  it('without a body is 400, for want of a token', async () => {
    expectOAuthError(await send({ headers: basic(client) }), 400, 'invalid_request');
  });

  it.each([
    'token=a&token=b',
    'token=a&token_type_hint=a&token_type_hint=b',
    'token=%FF',
    'token=%',
    '__proto__=x&token=a',
  ])('of "%s" is 400', async (text) => {
    expectOAuthError(await raw(text), 400, 'invalid_request');
  });

  it('in JSON is 415, and a large one 413, in the shape of OAuth', async () => {
    expectOAuthError(await raw(JSON.stringify({ token: user.access }), 'application/json'), 415, 'invalid_request');
    expectOAuthError(await raw(`token=${'a'.repeat(70_000)}`), 413, 'invalid_request');
  });

  it('may have parameters that nobody knows, and empty ones', async () => {
    for (const more of [
      'a=b',
      'constructor=x&toString=y',
      'token_type_hint=',
      'hasOwnProperty=',
      'admin=true&token_type_hint',
    ]) {
      const { status, body } = await raw(`token=${user.access}&${more}`);
      expect({ more, status, active: body.active }).toEqual({ more, status: 200, active: true });
    }
  });
});

describe('a token that does not count is exactly {"active":false}', () => {
  it.each(['x', 'a.b.c', '..', ' ', 'ſ', '\0', 'null', 'x'.repeat(9_000), '{"alg":"none"}'])(
    'what is none: %j',
    async (text) => {
      expectInactive(await ask(text));
    },
  );

  it.each(spellings)('one with %s', async (_, respell) => {
    // A respelling may change nothing, and then it is the token.
    const respelled = [user.access, user.refresh].flatMap((token) =>
      respell(token) === token ? [] : [respell(token)],
    );
    for (const token of respelled) expectInactive(await ask(token));
    await expectActive(user.access);
  });

  it('one that was changed, or signed by another, whichever key it names', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (const token of [user.access, user.refresh]) {
      expectInactive(await ask(tampered(token, { claims: { sub: randomUUID() } })));
      expectInactive(await ask(tampered(token, { header: { typ: 'JWT' } })));
      const claims = claimsOf(token);
      const bySomeone = (input: string) =>
        sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      const byPublicKey = (input: string) => createHmac('sha256', 'recant').update(input).digest();
      expectInactive(await ask(forge({ ...headerOf(token), alg: 'ES256' }, claims, bySomeone)));
      expectInactive(await ask(forge({ ...headerOf(token), alg: 'HS256' }, claims, byPublicKey)));
      expectInactive(await ask(forge({ ...headerOf(token), alg: 'none' }, claims, () => Buffer.alloc(0))));
    }
  });

  it('one that was revoked, for itself', async () => {
    await service.api.post('/logout/access', { token: user.access });
    expectInactive(await ask(user.access));
    await expectActive(user.refresh);
  });

  it('both of a session that was ended', async () => {
    await service.api.post('/logout', { token: user.access });
    for (const token of [user.access, user.refresh]) expectInactive(await ask(token));
  });

  it('all of a user who was cut off, or deleted', async () => {
    const another = await given.aLogin(user.username);
    await service.api.post('/logout/all', { token: user.access });
    for (const { access, refresh } of [user, another]) {
      for (const token of [access, refresh]) expectInactive(await ask(token));
    }
    const gone = await given.aUser();
    await service.api.delete('/users/me', { token: gone.access });
    for (const token of [gone.access, gone.refresh]) expectInactive(await ask(token));
  });

  it('one of a key that was forbidden', async () => {
    await forbidKeyOf(user.access, service);
    expectInactive(await ask(user.access));
    await allowEveryKey(service);
    await expectActive(user.access);
  });

  it('a spent refresh token, at once, also while a retry would still be answered', async () => {
    const next = await refreshed(user.refresh);
    expectInactive(await ask(user.refresh));
    await expectActive(next.refresh);
    // To be asked spends nothing: the retry gets the very same successor.
    expect((await refreshed(user.refresh)).refresh).toBe(next.refresh);
  });

  it('a refresh token of a session that is over', async () => {
    for (const column of ['idle_expires_at', 'expires_at']) {
      const { refresh } = await given.aLogin(user.username);
      const sql = `UPDATE sessions SET ${column} = now() - interval '1 second' WHERE id = $1`;
      await service.database.run(sql, [claimsOf(refresh).sid]);
      expectInactive(await ask(refresh));
    }
  });

  it('a token of a client that was deleted', async () => {
    const other = await clients.aClient();
    const token = await clients.aToken(other);
    await expectActive(token);
    const admin = await given.anAdmin();
    await service.api.delete(`/clients/${other.id}`, { token: admin.access });
    expectInactive(await ask(token));
  });
});

describe('a token that counts', () => {
  it.each(
    ['', 'access_token', 'refresh_token', 'urn:unknown', '\0ſ', 'constructor'].flatMap((hint) => [
      [hint, 'access'] as const,
      [hint, 'refresh'] as const,
    ]),
  )('is known whatever the hint says: %j of an %s token', async (hint, kind) => {
    const { body } = await ask(user[kind], { token_type_hint: hint });
    expect(body).toMatchObject({ active: true, token_use: `${kind}_token` });
  });

  it('is told of as an access token of a user', async () => {
    const { body } = await ask(user.access);
    const { seq, ...claims } = claimsOf(user.access);
    expect(seq).toBeGreaterThan(0);
    expect(body).toEqual({ active: true, token_use: 'access_token', token_type: 'Bearer', ...claims });
    expect(body).toMatchObject({
      sub: user.id,
      client_id: 'recant',
      roles: [],
      iss: 'http://recant.test',
      aud: 'recant',
    });
  });

  it('is told of as a refresh token, without a token_type', async () => {
    const { body } = await ask(user.refresh);
    const { seq, generation, ...claims } = claimsOf(user.refresh);
    expect([seq, generation]).toEqual([expect.any(Number), 1]);
    expect(body).toEqual({ active: true, token_use: 'refresh_token', ...claims });
  });

  it('is told of as an access token of a client, which has a scope and no session', async () => {
    const token = await clients.aToken(client);
    const { seq, ...claims } = claimsOf(token);
    expect(seq).toBeGreaterThan(0);
    const { body } = await ask(token);
    expect(body).toEqual({ active: true, token_use: 'access_token', token_type: 'Bearer', ...claims });
    expect(body).toMatchObject({ sub: client.id, client_id: client.id, scope: 'tokens:introspect' });
    const none = await clients.aToken(await clients.aClient());
    expect((await ask(none)).body).not.toHaveProperty('scope');
  });
});

describe('a database that does not answer', () => {
  it.each(['revocations', 'client_secrets', 'sessions'])('is 503, never an answer: without %s', async (table) => {
    const faults = new DatabaseFaults(service.database);
    await faults.takeAway(table);
    try {
      const answer = await ask(user.refresh);
      expectOAuthError(answer, 503, 'temporarily_unavailable');
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    } finally {
      await faults.heal(table);
    }
  });
});
