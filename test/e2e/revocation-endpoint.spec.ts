import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type RequestOptions } from '../support/api-client.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { basic, type ClientAccount, expectOAuthError, GivenClients } from '../support/given-clients.js';
import { type Account, claimsOf, Given } from '../support/given.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf, pairsIn, spellings, tampered } from '../support/tokens.js';

// Real: HTTP, PostgreSQL.
let service: TestService;
let given: Given;
let clients: GivenClients;
let revoker: ClientAccount;
let client: ClientAccount;
let user: Account;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
  clients = new GivenClients(service);
  revoker = await clients.aClient('tokens:revoke');
  client = await clients.aClient('tokens:introspect revocations:read');
});
afterAll(() => service.stop());
beforeEach(async () => {
  user = await given.aUser();
});

const send = (options: RequestOptions) => service.api.post('/oauth/revoke', options);
const revoke = (as: ClientAccount, token: string, more: Record<string, string> = {}) =>
  send({ form: { token, ...more }, headers: basic(as) });
const revokeAsPublic = (token: string) => send({ form: { token, client_id: 'recant' } });
const refresh = (token: string) => service.api.post('/token/refresh', { token });

async function isAlive(access: string): Promise<boolean> {
  return (await service.api.get('/secret', { token: access })).status === 200;
}

function recorded(): Promise<unknown[]> {
  return service.database.run('SELECT level, target FROM revocations ORDER BY level, target');
}

function expectDone({ status, headers, body }: Answer): void {
  expect({ status, body }).toEqual({ status: 200, body: {} });
  expect(headers.get('cache-control')).toBe('no-store');
}

describe('a caller of POST /oauth/revoke', () => {
  it.each<[string, RequestOptions]>([
    ['without credentials', {}],
    ['with an unknown id', { form: { client_id: randomUUID() } }],
    ['who is the public client in capitals', { form: { client_id: 'RECANT' } }],
    ['who is the public client with a secret', { form: { client_id: 'recant', client_secret: 'x' } }],
    ['who is the public client by Basic', { headers: basic({ id: 'recant', secret: 'x' }) }],
    ['with an access token', { headers: { authorization: 'Bearer x' } }],
  ])('%s is 401 invalid_client, and nothing is revoked', async (_, { form, headers }) => {
    const answer = await send({ form: { token: user.access, ...form }, ...(headers && { headers }) });
    expectOAuthError(answer, 401, 'invalid_client');
    expect(await isAlive(user.access)).toBe(true);
  });

  it('who has no tokens:revoke is 403 for a token of another, and it lives on', async () => {
    const other = await clients.aToken(revoker);
    for (const token of [user.access, user.refresh, other]) {
      expectOAuthError(await revoke(client, token), 403, 'insufficient_scope');
    }
    expectOAuthError(await revokeAsPublic(other), 403, 'insufficient_scope');
    expect([await isAlive(user.access), await isAlive(other)]).toEqual([true, true]);
    expect((await refresh(user.refresh)).status).toBe(200);
  });

  it('who sends no token is 400', async () => {
    expectOAuthError(await send({ form: { client_id: 'recant' } }), 400, 'invalid_request');
    expectOAuthError(await revokeAsPublic(''), 400, 'invalid_request');
  });
});

describe('what is no token of ours', () => {
  it.each<[string, () => string]>([
    ['a word', () => 'x'],
    ['a changed token', () => tampered(user.access, { claims: { sub: randomUUID() } })],
    ['a changed refresh token', () => tampered(user.refresh, { claims: { generation: 2 } })],
    ['a token of another type', () => tampered(user.refresh, { header: { typ: 'at+jwt' } })],
    ...spellings.map(([name, respell]): [string, () => string] => [`a token with ${name}`, () => respell(user.access)]),
  ])('is 200, and nothing is recorded: %s', async (_, text) => {
    const before = await recorded();
    // A respelling may change nothing, and then it is the token.
    for (const token of [text()].filter((respelled) => respelled !== user.access)) {
      expectDone(await revoke(revoker, token));
      expectDone(await revoke(client, token));
      expectDone(await revokeAsPublic(token));
    }
    expect(await recorded()).toEqual(before);
    expect(await isAlive(user.access)).toBe(true);
  });
});

describe('an access token', () => {
  it('is forbidden at once, alone, by its name', async () => {
    const another = await given.aLogin(user.username);
    expectDone(await revoke(revoker, user.access));
    expect([await isAlive(user.access), await isAlive(another.access)]).toEqual([false, true]);
    expect(await recorded()).toContainEqual({ level: 'token', target: claimsOf(user.access).jti });
    expect((await refresh(user.refresh)).status).toBe(200);
  });

  it('may be revoked again, also after its session and its user', async () => {
    for (const end of ['/logout/access', '/logout', '/logout/all']) {
      const { access } = await given.aLogin(user.username);
      await service.api.post(end, { token: access });
      for (let time = 0; time < 2; time++) expectDone(await revoke(revoker, access));
    }
  });

  it('of the first-party client is revoked by its name alone', async () => {
    expectDone(await revokeAsPublic(user.access));
    expect(await isAlive(user.access)).toBe(false);
  });

  it('of a client is revoked by the client, whatever it may do', async () => {
    const token = await clients.aToken(client);
    expect(await isAlive(token)).toBe(true);
    expectDone(await revoke(client, token));
    expect(await isAlive(token)).toBe(false);
  });

  it('of a client is revoked by another that may revoke all', async () => {
    const token = await clients.aToken(client);
    const { id, secret } = revoker;
    expectDone(await send({ form: { token, client_id: id, client_secret: secret } }));
    expect(await isAlive(token)).toBe(false);
  });
});

describe('a refresh token', () => {
  it.each([
    ['a client that may', (token: string) => revoke(revoker, token)],
    ['the first-party client', revokeAsPublic],
  ])('ends its session, and only that one, when %s revokes it', async (_, act) => {
    const another = await given.aLogin(user.username);
    expectDone(await act(user.refresh));
    expect(await aliveOf(service.api, [user])).toEqual([]);
    expect(await recorded()).toContainEqual({ level: 'session', target: claimsOf(user.refresh).sid });
    expect(await isAlive(another.access)).toBe(true);
    expectDone(await act(user.refresh));
  });

  it('ends its session also when it was spent', async () => {
    const next = pairsIn(await refresh(user.refresh));
    expectDone(await revokeAsPublic(user.refresh));
    expect(await aliveOf(service.api, [user, ...next])).toEqual([]);
  });
});

describe('the hint', () => {
  it.each(
    ['', 'access_token', 'refresh_token', 'urn:unknown'].flatMap((hint) => [
      [hint, 'access'] as const,
      [hint, 'refresh'] as const,
    ]),
  )('"%s" makes no difference to an %s token, nor does a parameter that nobody knows', async (hint, kind) => {
    expectDone(await revoke(revoker, user[kind], { token_type_hint: hint, unknown: 'x' }));
    expect(await isAlive(user.access)).toBe(false);
    expect((await refresh(user.refresh)).status).toBe(kind === 'refresh' ? 401 : 200);
  });
});

describe('a revocation that cannot be stored', () => {
  it.each(['access', 'refresh'] as const)('is 503, never 200: of an %s token', async (kind) => {
    const faults = new DatabaseFaults(service.database);
    await faults.refuseWrites('revocations');
    try {
      const answer = await revoke(revoker, user[kind]);
      expectOAuthError(answer, 503, 'temporarily_unavailable');
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    } finally {
      await faults.heal('revocations');
    }
    expectDone(await revoke(revoker, user[kind]));
    expect(await isAlive(user.access)).toBe(false);
  });
});

describe('fifty revocations of one token at once', () => {
  it.each(['access', 'refresh'] as const)('are all done, and it is dead: an %s token', async (kind) => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => revokeAsPublic(user[kind])));
    answers.forEach(expectDone);
    expect(await isAlive(user.access)).toBe(false);
  });

  it('beside refreshes leave nothing alive', async () => {
    const acts = Array.from({ length: 10 }, (_, n) => (n % 2 ? revokeAsPublic(user.refresh) : refresh(user.refresh)));
    const answers = await Promise.all(acts);
    expect(answers.filter((_, n) => n % 2).map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 200));
    expect(await aliveOf(service.api, [user, ...pairsIn(...answers)])).toEqual([]);
  });
});
