import { createHmac, randomBytes } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyWatch } from '../../src/tokens/keys/key-watch.js';
import { claimsOf, Given } from '../support/given.js';
import { expectInvalidToken, expectNotReady, expectUnavailable } from '../support/problem.js';
import { letKeysAge } from '../support/letting-keys-age.js';
import { Restartable } from '../support/restartable.js';
import { forge, headerOf } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, keys; the service, stopped and started under another configuration. Time is moved in the database.
let recant: Restartable;

beforeEach(async () => {
  recant = await Restartable.create();
});
afterEach(() => recant.end());

const rows = () => recant.database.run('SELECT * FROM signing_keys ORDER BY kid');
const aSecret = () => randomBytes(32).toString('base64');
const restarted = async (variables?: Record<string, string>) => {
  const service = await recant.restart(variables);
  return { ...service, given: new Given(service) };
};

describe('ENCRYPTION_SECRET', () => {
  it('can be changed without losing a key: the previous one is needed for one start', async () => {
    const ENCRYPTION_SECRET = aSecret();
    const user = await (await restarted()).given.aUser();
    const { api } = await restarted({ ENCRYPTION_SECRET, ENCRYPTION_SECRET_PREVIOUS: recant.encryptionSecret });
    expect((await api.get('/secret', { token: user.access })).status).toBe(200);
    const { api: later } = await restarted({ ENCRYPTION_SECRET });
    expect((await later.get('/secret', { token: user.access })).status).toBe(200);
    expect((await later.post('/token/refresh', { token: user.refresh })).status).toBe(200);
  });

  it('that is wrong is one line at the start, and nothing is overwritten', async () => {
    await restarted();
    const before = await rows();
    const wrong = restarted({ ENCRYPTION_SECRET: aSecret(), ENCRYPTION_SECRET_PREVIOUS: aSecret() });
    const fault = await wrong.then(
      () => '',
      (error: Error) => error.message,
    );
    expect(fault.match(/^ {2}- .*$/gm)).toEqual([
      expect.stringMatching(/^ {2}- ENCRYPTION_SECRET is not the one .* nothing was changed$/),
    ]);
    expect(await rows()).toEqual(before);
  });
});

describe('a key that an instance cannot read', () => {
  /** As an instance with another secret made it, a moment ago. */
  const damage = (status: string) =>
    recant.database.run(
      `UPDATE signing_keys SET encrypted_key = encrypted_key || '\\x00'
       WHERE kid = (SELECT kid FROM signing_keys WHERE purpose = 'access'
         ORDER BY activates_at ${status === 'current' ? 'ASC' : 'DESC'} LIMIT 1)`,
    );

  it('is one line at a start, which overwrites nothing, whatever else could be encrypted anew', async () => {
    await restarted();
    await damage('next');
    const before = await rows();
    const ENCRYPTION_SECRET = aSecret();
    await expect(restarted({ ENCRYPTION_SECRET, ENCRYPTION_SECRET_PREVIOUS: recant.encryptionSecret })).rejects.toThrow(
      /The signing key \S+ cannot be decrypted, though others can/,
    );
    expect(await rows()).toEqual(before);
  });

  it('is no fault when it is forbidden: of that, nothing is kept but its name', async () => {
    const { api, given } = await restarted();
    const admin = await given.anAdmin();
    const kid = headerOf(admin.access)['kid'] as string;
    await api.post(`/keys/${kid}/forbid`, { token: admin.access });
    expect(await recant.database.run('SELECT encrypted_key FROM signing_keys WHERE kid = $1', [kid])).toEqual([
      { encrypted_key: Buffer.alloc(0) },
    ]);
    const { api: later } = await restarted();
    expectInvalidToken(await later.get('/secret', { token: admin.access }));
  });

  it('is 503 in a service that runs, which is not ready, signs with no other, and recovers', async () => {
    const { api, given, app } = await restarted();
    const user = await given.aUser();
    const admin = await given.anAdmin();
    const [next] = await recant.database.run<{ kid: string }>(
      `SELECT kid FROM signing_keys WHERE purpose = 'access' ORDER BY activates_at DESC LIMIT 1`,
    );
    // Forgotten and read anew, as by an instance that has only now heard of it.
    await recant.database.run(`UPDATE signing_keys SET kid = 'x' || kid WHERE kid = $1`, [next!.kid]);
    await app.get(KeyWatch).look();
    expect((await api.get('/secret', { token: user.access })).status).toBe(200);
    const forbidden = await api.post(`/keys/${String(headerOf(admin.access)['kid'])}/forbid`, { token: admin.access });
    expect(forbidden.status).toBe(200);
    expectUnavailable(await api.post('/token/refresh', { token: user.refresh }));
    expectNotReady(await api.get('/health/ready'), ['keys']);
    const [session] = await recant.database.run('SELECT generation FROM sessions WHERE user_id = $1', [user.id]);
    expect(session).toEqual({ generation: 1 });
    await recant.database.run(`UPDATE signing_keys SET kid = $1 WHERE kid = 'x' || $1`, [next!.kid]);
    await app.get(KeyWatch).look();
    expect((await api.get('/health/ready')).status).toBe(200);
    expect((await api.post('/token/refresh', { token: user.refresh })).status).toBe(200);
  });
});

describe('JWT_ALGORITHM', () => {
  it('RS256 signs once its key has been published; until then, and for what it has signed, the old key counts', async () => {
    const before = await (await restarted()).given.aUser();
    const { api, given, app } = await restarted({ JWT_ALGORITHM: 'RS256' });
    const { body } = await api.get('/.well-known/jwks.json');
    expect(body.keys.map(({ alg }: { alg: string }) => alg)).toEqual(['ES256', 'RS256']);
    expect(headerOf((await given.aUser()).access)['alg']).toBe('ES256');
    await letKeysAge(recant.database, 301);
    await app.get(KeyWatch).look();
    const { access } = await given.aUser();
    expect(headerOf(access)['alg']).toBe('RS256');
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', api.url));
    await jwtVerify(access, keys, { algorithms: ['RS256'], issuer: 'http://recant.test', audience: 'recant' });
    for (const token of [before.access, access]) expect((await api.get('/secret', { token })).status).toBe(200);
  });

  it('RS256 signs from the first start on', async () => {
    const { given, api } = await restarted({ JWT_ALGORITHM: 'RS256' });
    const { access } = await given.aUser();
    expect(headerOf(access)).toMatchObject({ alg: 'RS256', typ: 'at+jwt' });
    expect((await api.get('/secret', { token: access })).status).toBe(200);
    expectInvalidToken(await api.get('/secret', { token: `${access.slice(0, -4)}AAAA` }));
  });

  it('HS256 signs with the secret that verifiers share, and publishes nothing', async () => {
    const JWT_SECRET = aSecret();
    const { given, api } = await restarted({ JWT_ALGORITHM: 'HS256', JWT_SECRET });
    const { access, refresh } = await given.aUser();
    await jwtVerify(access, Buffer.from(JWT_SECRET), { algorithms: ['HS256'], typ: 'at+jwt', audience: 'recant' });
    expect((await api.get('/.well-known/jwks.json')).body).toEqual({ keys: [] });
    expect((await api.get('/secret', { token: access })).status).toBe(200);
    expect((await api.post('/token/refresh', { token: refresh })).status).toBe(200);
    // Who shares the secret can make access tokens, and no refresh token.
    const sign = (input: string) => createHmac('sha256', JWT_SECRET).update(input).digest();
    expectInvalidToken(await api.post('/token/refresh', { token: forge(headerOf(refresh), claimsOf(refresh), sign) }));
    const header = { ...headerOf(refresh), kid: headerOf(access)['kid'] };
    expectInvalidToken(await api.post('/token/refresh', { token: forge(header, claimsOf(refresh), sign) }));
  });

  it('HS256 takes no key of the ring for its own, and ends its keys', async () => {
    const before = await (await restarted()).given.aUser();
    const { api, given } = await restarted({ JWT_ALGORITHM: 'HS256', JWT_SECRET: aSecret() });
    expect((await api.get('/secret', { token: before.access })).status).toBe(200);
    const [{ x }] = (await api.get('/.well-known/jwks.json')).body.keys;
    const sign = (input: string) => createHmac('sha256', x).update(input).digest();
    for (const alg of ['HS256', 'ES256']) {
      const header = { ...headerOf(before.access), alg };
      expectInvalidToken(await api.get('/secret', { token: forge(header, claimsOf(before.access), sign) }));
    }
    const admin = await given.anAdmin();
    const { body } = await api.get('/keys', { token: admin.access });
    const statuses = body.keys.map(({ purpose, status }: Record<string, string>) => `${purpose} ${status}`);
    expect(statuses.toSorted()).toEqual(['access retired', 'refresh current', 'refresh next']);
  });
});
