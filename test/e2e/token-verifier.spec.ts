import { createVerifier, type Verifier, type VerifierErrorCode, type VerifierOptions } from '@recant/token-verifier';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AccessTokenService } from '../../src/tokens/access/access-token.service.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { type Account, Given } from '../support/given.js';
import { type ClientAccount, GivenClients } from '../support/given-clients.js';
import { startServiceAtIssuer, type TestService } from '../support/service.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { forge, spellings, tampered, withOtherS } from '../support/tokens.js';

// Real: Recant over HTTP, PostgreSQL, the link between them where a test delays it. The verifier is another team's.
let service: TestService;
let given: Given;
let clients: GivenClients;
let client: ClientAccount;
/** It may introspect and may not follow. */
let blind: ClientAccount;
let admin: Account;
const opened: Verifier[] = [];

beforeAll(async () => {
  service = await startServiceAtIssuer({ AUDIENCE: 'recant,orders' });
  given = new Given(service);
  clients = new GivenClients(service);
  client = await clients.aClient('revocations:read tokens:introspect');
  blind = await clients.aClient('tokens:introspect');
  admin = await given.anAdmin();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((verifier) => verifier.close()));
});
afterAll(() => service.stop());

function aVerifier(options: Partial<VerifierOptions> = {}): Verifier {
  const verifier = createVerifier({ issuer: service.api.url, audience: 'orders', client, ...options });
  opened.push(verifier);
  return verifier;
}

async function inSync(options?: Partial<VerifierOptions>): Promise<Verifier> {
  const verifier = aVerifier(options);
  await verifier.start();
  return verifier;
}

/** The code under which a token is refused, or null. */
function codeOf(verifier: Verifier, token: string): Promise<VerifierErrorCode | null> {
  return verifier.verify(token).then(
    () => null,
    (error: { code: VerifierErrorCode }) => error.code,
  );
}

/** Memory alone may answer: a verifier that would ask the issuer proves nothing of the feed. */
async function isRefusedBy(verifier: Verifier, token: string): Promise<void> {
  await expect.poll(() => codeOf(verifier, token), { interval: 2, timeout: 5_000 }).toBe('ERR_TOKEN_REVOKED');
}

const post = (path: string, token: string, json?: object) => service.api.post(path, { token, ...(json && { json }) });

describe('a token is refused', () => {
  it.each<[string, VerifierErrorCode, (token: string) => string]>([
    ['that is none', 'ERR_TOKEN_MALFORMED', () => 'token'],
    ['that is too long', 'ERR_TOKEN_MALFORMED', (token) => token + 'A'.repeat(8192)],
    ['without a signature', 'ERR_TOKEN_MALFORMED', (token) => tampered(token, { header: { alg: 'none' } })],
    ['that brings its own key', 'ERR_TOKEN_MALFORMED', (token) => tampered(token, { header: { jwk: {} } })],
    ['of an unknown key', 'ERR_KEY_UNKNOWN', (token) => tampered(token, { header: { kid: 'another' } })],
    ['with another algorithm', 'ERR_KEY_UNKNOWN', (token) => tampered(token, { header: { alg: 'RS256' } })],
    ['with other claims', 'ERR_TOKEN_SIGNATURE', (token) => tampered(token, { claims: { roles: ['admin'] } })],
    [
      'of HMAC under the public key',
      'ERR_TOKEN_MALFORMED',
      () => forge({ alg: 'HS256', typ: 'at+jwt', kid: 'x' }, {}, () => Buffer.alloc(32)),
    ],
    ...spellings.map(([name, respell]): [string, VerifierErrorCode, typeof respell] => [
      `with ${name}`,
      'ERR_TOKEN_MALFORMED',
      respell,
    ]),
  ])('%s: %s', async (_, code, change) => {
    let { access } = await given.aUser();
    // One token in fifteen has none of the letters in which the alphabets differ.
    while (change(access) === access) access = (await given.aUser()).access;
    const verifier = await inSync({ whenOutOfSync: 'reject' });
    expect(await codeOf(verifier, access)).toBeNull();
    expect(await codeOf(verifier, change(access))).toBe(code);
  });

  it('that is a refresh token, or for another service', async () => {
    const { access, refresh } = await given.aUser();
    const verifier = await inSync();
    expect(await codeOf(verifier, refresh)).toBe('ERR_TOKEN_MALFORMED');
    expect(await codeOf(await inSync({ audience: 'invoices' }), access)).toBe('ERR_TOKEN_CLAIMS');
  });

  it('once it has expired, also when it was verified before', async () => {
    const soon = await clients.aClient();
    const token = await clients.aToken(soon);
    const verifier = await inSync();
    const claims = await verifier.verify(token);
    const now = Date.now;
    try {
      Date.now = () => (claims.exp + 5) * 1000;
      expect(await codeOf(verifier, token)).toBe('ERR_TOKEN_EXPIRED');
      Date.now = () => (claims.exp + 4) * 1000;
      expect(await codeOf(verifier, token)).toBeNull();
    } finally {
      Date.now = now;
    }
  });
});

describe('a token is taken', () => {
  it('of a user and of a client, with claims that nobody can change', async () => {
    const user = await given.aUser();
    const verifier = await inSync();
    const claims = await verifier.verify(user.access);
    expect(claims).toMatchObject({ sub: user.id, roles: [], iss: service.api.url });
    expect(() => claims.roles!.push('admin')).toThrow(TypeError);
    expect(await verifier.verify(user.access)).toBe(claims);
    const token = await clients.aToken(client, { scope: 'revocations:read' });
    expect(await verifier.verify(token)).toMatchObject({ sub: client.id, scope: 'revocations:read' });
  });

  it('in the other form of its ECDSA signature too, which is the same token to every record', async () => {
    const { access } = await given.aUser();
    const verifier = await inSync({ whenOutOfSync: 'reject' });
    const other = withOtherS(access);
    expect(await codeOf(verifier, other)).toBeNull();
    await post('/logout/access', access);
    await isRefusedBy(verifier, other);
  });
});

describe('what is revoked at the issuer is refused by memory', () => {
  it.each<[string, (user: Account) => Promise<{ status: number }>]>([
    ['a token', ({ access }) => post('/logout/access', access)],
    ['a session', ({ access }) => post('/logout', access)],
    ['a user', ({ id }) => post('/revocations/records', admin.access, { level: 'user', id, reason: 'lost' })],
  ])('%s', async (_, revoke) => {
    const user = await given.aUser();
    const stranger = await given.aUser();
    const verifier = await inSync({ whenOutOfSync: 'reject' });
    expect(await codeOf(verifier, user.access)).toBeNull();
    expect((await revoke(user)).status).toBeLessThan(300);
    await isRefusedBy(verifier, user.access);
    expect(await codeOf(verifier, stranger.access)).toBeNull();
  });

  it('a key, although the verifier has it, and the tokens of its successor pass', async () => {
    const { access } = await given.aUser();
    const verifier = await inSync({ whenOutOfSync: 'reject' });
    expect(await codeOf(verifier, access)).toBeNull();
    const { kid } = JSON.parse(Buffer.from(access.split('.')[0]!, 'base64url').toString()) as { kid: string };
    expect((await post(`/keys/${kid}/forbid`, admin.access)).status).toBe(200);
    await isRefusedBy(verifier, access);
    const successor = await given.aUser();
    expect(await codeOf(verifier, successor.access)).toBeNull();
    admin = await given.anAdmin();
  });

  it('everything, and what is issued afterwards passes', async () => {
    const before = await given.aUser();
    const verifier = await inSync({ whenOutOfSync: 'reject' });
    expect((await post('/revocations/records', admin.access, { level: 'all', reason: 'breach' })).status).toBe(201);
    await isRefusedBy(verifier, before.access);
    expect(await codeOf(verifier, (await given.aUser()).access)).toBeNull();
    admin = await given.anAdmin();
  });

  it('from before it was started, and while its stream was cut off', async () => {
    const [early, meanwhile] = [await given.aUser(), await given.aUser()];
    await post('/logout', early.access);
    const verifier = await inSync({ whenOutOfSync: 'reject' });
    expect(await codeOf(verifier, early.access)).toBe('ERR_TOKEN_REVOKED');
    await new DatabaseFaults(service.database).cutFeed();
    await post('/logout', meanwhile.access);
    await isRefusedBy(verifier, meanwhile.access);
    await expect.poll(() => verifier.status().inSync, { interval: 5, timeout: 10_000 }).toBe(true);
  });
});

describe('while it cannot be known whether a token was revoked', () => {
  it('introspect asks the issuer', async () => {
    const [user, other] = [await given.aUser(), await given.aUser()];
    const verifier = aVerifier({ client: blind });
    void verifier.start();
    await post('/logout', other.access);
    expect(await codeOf(verifier, user.access)).toBeNull();
    expect(await codeOf(verifier, other.access)).toBe('ERR_TOKEN_REVOKED');
    expect(verifier.status()).toMatchObject({ inSync: false, ageMs: Infinity });
  });

  it('reject answers nothing, and a forged token is still refused as such', async () => {
    const { access } = await given.aUser();
    const verifier = aVerifier({ client: blind, whenOutOfSync: 'reject' });
    expect(await codeOf(verifier, access)).toBe('ERR_OUT_OF_SYNC');
    expect(await codeOf(verifier, tampered(access, { claims: { sub: 'x' } }))).toBe('ERR_TOKEN_SIGNATURE');
  });

  it('allow goes by what was known last', async () => {
    const [user, early, late] = [await given.aUser(), await given.aUser(), await given.aUser()];
    const verifier = await inSync({ whenOutOfSync: 'allow' });
    await post('/logout', early.access);
    await isRefusedBy(verifier, early.access);
    await verifier.close();
    await post('/logout', late.access);
    expect(await Promise.all([user, early, late].map(({ access }) => codeOf(verifier, access)))).toEqual([
      null,
      'ERR_TOKEN_REVOKED',
      null,
    ]);
  });
});

/** A way to the issuer that a test can disturb; everything is called as if it were not there. */
async function aLink(): Promise<{ proxy: TcpProxy; through: typeof fetch }> {
  const { proxy, url } = await TcpProxy.to(service.api.url);
  const { origin } = new URL(url);
  return { proxy, through: (input, init) => fetch(urlOf(input).replace(service.api.url, origin), init) };
}

const urlOf = (input: Parameters<typeof fetch>[0]): string => (input instanceof Request ? input.url : input.toString());

describe('a link that delays everything', () => {
  it('is seen, without a common clock, and memory does not answer', async () => {
    const { proxy, through } = await aLink();
    proxy.delayAnswers(300);
    const events: string[] = [];
    const options = { fetch: through, maxStalenessMs: 250, onEvent: ({ type }: { type: string }) => events.push(type) };
    const { access } = await given.aUser();
    const late = aVerifier({ ...options, whenOutOfSync: 'reject' });
    void late.start();
    // Proofs come, and each is too old by then.
    await expect.poll(() => late.status().ageMs, { interval: 5, timeout: 10_000 }).toBeLessThan(Infinity);
    expect(late.status().ageMs).toBeGreaterThan(300);
    expect(late.status().inSync).toBe(false);
    expect(await codeOf(late, access)).toBe('ERR_OUT_OF_SYNC');
    expect(events).not.toContain('in-sync');
    await proxy.close();
  });

  it('and one that freezes: memory answers until its proof is too old, and again when the link is back', async () => {
    const { proxy, through } = await aLink();
    const [user, meanwhile] = [await given.aUser(), await given.aUser()];
    const verifier = await inSync({ fetch: through, whenOutOfSync: 'reject' });
    expect(await codeOf(verifier, meanwhile.access)).toBeNull();
    proxy.freeze();
    await post('/logout', meanwhile.access);
    await expect.poll(() => codeOf(verifier, user.access), { interval: 20, timeout: 5_000 }).toBe('ERR_OUT_OF_SYNC');
    proxy.thaw();
    await expect.poll(() => codeOf(verifier, user.access), { interval: 5, timeout: 10_000 }).toBeNull();
    expect(await codeOf(verifier, meanwhile.access)).toBe('ERR_TOKEN_REVOKED');
    await verifier.close();
    await proxy.close();
  });
});

it('is verified by the very name that the service itself gives it', async () => {
  const { access } = await given.aUser();
  const verifier = await inSync();
  const { kid: _, ...own } = service.app.get(AccessTokenService).verify(access);
  expect(await verifier.verify(access)).toEqual(own);
});
