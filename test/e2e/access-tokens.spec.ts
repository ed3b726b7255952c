import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Account, claimsOf, Given } from '../support/given.js';
import { expectInvalidToken, expectProblem } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';
import { forge, headerOf, segment, segmentsOf, spellings, tampered, withOtherS } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, signatures. Not real: the service's clock, in the tests of expiry alone.
let service: TestService;
let given: Given;
let user: Account;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
  user = await given.aUser();
});
afterAll(() => service.stop());

const secretWith = (authorization: string, path = '/secret') => service.api.get(path, { headers: { authorization } });
const es256 = (input: string) => sign('sha256', Buffer.from(input), { key: foreignKey, dsaEncoding: 'ieee-p1363' });
const { privateKey: foreignKey, publicKey: foreignPublicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { privateKey: foreignRsaKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const hs256 = (key: string | Buffer) => (input: string) => createHmac('sha256', key).update(input).digest();
const nothing = () => Buffer.alloc(0);
const reversed = (header: object) => segment(Object.fromEntries(Object.entries(header).toReversed()));

describe('a request without a token', () => {
  it.each<[string, Record<string, string>, string?]>([
    ['no Authorization', {}],
    ['an empty Authorization', { authorization: '' }],
    ['another scheme', { authorization: 'Basic YWxpY2U6c2VjcmV0' }],
    ['another scheme that begins alike', { authorization: 'BearerX token' }],
    ['the token in a cookie', { cookie: 'access_token=TOKEN' }],
    ['the token in the address', {}, '/secret?access_token=TOKEN'],
  ])('is refused and told the scheme, without an error: %s', async (_, headers, path = '/secret') => {
    const withToken = (text: string) => text.replace('TOKEN', user.access);
    const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, withToken(value)]));
    const answer = await service.api.get(withToken(path), { headers: sent });
    expectProblem(answer, 'missing_token');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });
});

/** Every forgery takes the header and the claims of a token that is good. */
const forgeries: [forgery: string, make: (token: string, claims: object, header: object) => string][] = [
  ['no JWT', () => 'A'],
  ['a second word', (token) => `${token} B`],
  ['a comma and another', (token) => `${token}, Bearer ${token}`],
  ['two segments', (token) => token.slice(0, token.lastIndexOf('.'))],
  ['no signature', (token) => `${token.slice(0, token.lastIndexOf('.'))}.`],
  ['segments that are no JSON', () => [segment('{'), segment('"'), segment('x')].join('.')],
  ['a header that is an array', (token) => [segment([]), ...segmentsOf(token).slice(1)].join('.')],
  ['claims that are null', (_, __, header) => forge({ ...header }, null, es256)],
  ['the signature of another key', (_, claims, header) => forge({ ...header }, claims, es256)],
  ['the signature of another key, RSA', (_, claims, header) => forge({ ...header, alg: 'RS256' }, claims, rs256)],
  ['claims changed', (token) => tampered(token, { claims: { roles: ['admin'] } })],
  ['a later expiry', (token) => tampered(token, { claims: { exp: 4_102_444_800 } })],
  ['its header in another order', (token, _, h) => [reversed(h), ...segmentsOf(token).slice(1)].join('.')],
  ['alg none', (_, claims, header) => forge({ ...header, alg: 'none' }, claims, nothing)],
  ['alg NONE with the signature kept', (token) => tampered(token, { header: { alg: 'NONE' } })],
  ['alg HS256 and an empty key', (_, claims, header) => forge({ ...header, alg: 'HS256' }, claims, hs256(''))],
  ['alg HS256 and a random key', (_, claims, h) => forge({ ...h, alg: 'HS256' }, claims, hs256(randomBytes(32)))],
  ['alg HS256 with the signature kept', (token) => tampered(token, { header: { alg: 'HS256' } })],
  ['alg RS256 with the signature kept', (token) => tampered(token, { header: { alg: 'RS256' } })],
  ['alg an array', (token) => tampered(token, { header: { alg: ['ES256'] } })],
  ['no alg', (token) => tampered(token, { header: { alg: undefined } })],
  ['typ JWT', (token) => tampered(token, { header: { typ: 'JWT' } })],
  ['no typ', (token) => tampered(token, { header: { typ: undefined } })],
  ['no kid', (token) => tampered(token, { header: { kid: undefined } })],
  ['an unknown kid', (token) => tampered(token, { header: { kid: 'unknown' } })],
  ['an unknown kid and a foreign key', (_, claims, h) => forge({ ...h, kid: 'unknown' }, claims, es256)],
  ['a kid of an object’s own', (_, claims, h) => forge({ ...h, kid: '__proto__' }, claims, es256)],
  ['a kid that is a number', (token) => tampered(token, { header: { kid: 1 } })],
  ['a kid with NUL', (token) => tampered(token, { header: { kid: '\0' } })],
  ['crit', (_, claims, h) => forge({ ...h, crit: ['exp'] }, claims, es256)],
  ['jwk', (_, claims, h) => forge({ ...h, jwk: foreignPublicKey.export({ format: 'jwk' }) }, claims, es256)],
  ['jku', (_, claims, h) => forge({ ...h, jku: 'http://127.0.0.1:1/jwks.json' }, claims, es256)],
  ['x5u', (_, claims, h) => forge({ ...h, x5u: 'http://127.0.0.1:1/x.pem' }, claims, es256)],
  ['x5c', (_, claims, h) => forge({ ...h, x5c: ['MIIB'] }, claims, es256)],
  ['b64 false', (_, claims, h) => forge({ ...h, b64: false, crit: ['b64'] }, claims, es256)],
  ['more than 8 KiB', (_, claims, h) => forge({ ...h }, { ...claims, more: 'x'.repeat(9_000) }, es256)],
  ['5,000 levels of claims', (_, __, h) => forge({ ...h }, `${'['.repeat(4_000)}${']'.repeat(4_000)}`, es256)],
  ['its segments doubled', (token) => `${token}.${token}`],
  ['an empty first segment', (token) => `.${token}`],
];
const rs256 = (input: string) => sign('sha256', Buffer.from(input), foreignRsaKey);

describe('a token that is not good', () => {
  it('is refused when it is a refresh token', async () => {
    expectInvalidToken(await service.api.get('/secret', { token: user.refresh }));
  });

  it.each(forgeries)('is refused on every guarded route alike: %s', async (_, make) => {
    const token = make(user.access, claimsOf(user.access), headerOf(user.access));
    for (const path of ['/secret', '/users/me', '/users']) {
      expectInvalidToken(await secretWith(`Bearer ${token}`, path));
    }
    expectInvalidToken(await service.api.post('/token/refresh', { token }));
    expectInvalidToken(await service.api.post('/logout/access', { token }));
    expectInvalidToken(await service.api.post('/logout', { token }));
    expect((await service.api.get('/secret', { token: user.access })).status).toBe(200);
  });
});

describe('an expired token', () => {
  afterEach(() => vi.useRealTimers());
  const clockAheadBy = (seconds: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 });

  it('is refused once its 15 minutes and 5 seconds are over, and passes until then', async () => {
    const { access } = await given.aUser();
    clockAheadBy(907);
    expectInvalidToken(await service.api.get('/secret', { token: access }));
    vi.useRealTimers();
    clockAheadBy(902);
    expect((await service.api.get('/secret', { token: access })).status).toBe(200);
  });

  it('stays revoked through its leeway', async () => {
    const { access } = await given.aUser();
    expect((await service.api.post('/logout/access', { token: access })).status).toBe(200);
    clockAheadBy(903);
    expectInvalidToken(await service.api.get('/secret', { token: access }));
  });
});

describe('a revoked token', () => {
  it.each([...spellings, ['the other s of its signature', withOtherS]] as typeof spellings)(
    'stays revoked with %s',
    async (_, respell) => {
      const { access } = await given.aUser();
      // Seen once before, so that a cache of verified tokens may know this spelling.
      await secretWith(`Bearer ${respell(access)}`);
      expect((await service.api.post('/logout/access', { token: access })).status).toBe(200);
      expectInvalidToken(await secretWith(`Bearer ${respell(access)}`));
    },
  );

  it('is revoked under its first spelling by a logout with the other s', async () => {
    const { access } = await given.aUser();
    expect((await service.api.post('/logout/access', { token: withOtherS(access) })).status).toBe(200);
    expectInvalidToken(await service.api.get('/secret', { token: access }));
  });
});

describe('an access token', () => {
  it('says in its header the algorithm, the key and its type, and no more', () => {
    expect(headerOf(user.access)).toEqual({ alg: 'ES256', kid: expect.any(String), typ: 'at+jwt' });
  });

  it('carries the claims of RFC 9068, the session, its place in the order of issuing, and nothing about the name', async () => {
    const claims = claimsOf(user.access);
    const [session] = await service.database.run<{ user_id: string; auth_time: number }>(
      'SELECT user_id, floor(extract(epoch FROM created_at))::int AS auth_time FROM sessions WHERE id = $1',
      [claims.sid],
    );
    const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const iat = session!.auth_time;
    expect(claims).toEqual({
      iss: 'http://recant.test',
      aud: 'recant',
      client_id: 'recant',
      roles: [],
      seq: expect.any(Number),
      sub: session!.user_id,
      jti: uuid,
      sid: uuid,
      iat,
      auth_time: iat,
      exp: iat + 900,
    });
    expect(Math.abs(Date.now() / 1_000 - iat)).toBeLessThan(60);
  });

  it('passes under any case of the scheme', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      const answer = await secretWith(`${scheme} ${user.access}`);
      expect(answer.body).toEqual({ answer: 'You are accessing super secret blueprint' });
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  });
});
