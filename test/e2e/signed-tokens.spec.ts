import { createHmac, type KeyObject, sign as signBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KeyRing } from '../../src/tokens/keys/key-ring.service.js';
import { type KeyPurpose } from '../../src/tokens/keys/signing-key.entity.js';
import { claimsOf, Given } from '../support/given.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL, the service's own keys. These tokens have a right signature, so only their claims can be wrong.
let service: TestService;
let claims: Record<string, unknown>;

beforeAll(async () => {
  service = await startService();
});
beforeEach(async () => {
  claims = claimsOf((await new Given(service).aUser()).access);
});
afterAll(() => service.stop());

/** Signs by hand: the service's own library would refuse to sign some of these. */
function sign(changes: Record<string, unknown>, purpose: KeyPurpose = 'access'): string {
  const { kid, algorithm, signing } = service.app.get(KeyRing).currentFor(purpose);
  const header = encode({ alg: algorithm, kid, typ: purpose === 'access' ? 'at+jwt' : 'rt+jwt' });
  const content = `${header}.${encode({ ...claims, ...changes })}`;
  const signature =
    signing.type === 'secret' ? createHmac('sha256', signing).update(content).digest() : signature256(content, signing);
  return `${content}.${signature.toString('base64url')}`;
}

function signature256(content: string, key: KeyObject): Buffer {
  return signBytes('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' });
}

/** What is undefined is left out, as JSON does. */
function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

const now = () => Math.floor(Date.now() / 1000);
const secret = (token: string) => service.api.get('/secret', { token });

describe('a token with a right signature', () => {
  it.each([
    ['another issuer', { iss: 'http://elsewhere.test' }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'elsewhere' }],
    ['no audience', { aud: undefined }],
    ['an end more than the leeway ago', { exp: now() - 7 }],
    ['no end', { exp: undefined }],
    ['an end beyond numbers', { exp: 1e308 }],
    ['an end that is a text', { exp: '9999999999' }],
    ['a beginning in the future', { iat: now() + 60 }],
    ['no beginning', { iat: undefined }],
    ['a subject that is no id', { sub: 'alice' }],
    ['no jti', { jti: undefined }],
    ['a jti that is a list', { jti: ['a'] }],
    ['no session', { sid: undefined }],
    ['no issue number', { seq: undefined }],
    ['roles that are a text', { roles: 'admin' }],
    ['no roles', { roles: undefined }],
    ['no time of login', { auth_time: undefined }],
  ])('is refused with %s', async (_, changes) => {
    const refusal = await secret(sign(changes));
    expect(refusal.status).toBe(401);
    expect(refusal.body.code).toBe('invalid_token');
  });

  it('passes inside the leeway of five seconds, and with several audiences of which we are one', async () => {
    expect((await secret(sign({ exp: now() - 3 }))).status).toBe(200);
    expect((await secret(sign({ iat: now() + 3 }))).status).toBe(200);
    expect((await secret(sign({ aud: ['elsewhere', 'recant'] }))).status).toBe(200);
  });

  it('is refused by the other kind of key', async () => {
    expect((await secret(sign({}, 'refresh'))).status).toBe(401);
  });
});

describe('a revoked token', () => {
  it('stays refused inside the leeway after its end', async () => {
    const token = sign({ exp: now() + 1 });
    expect((await service.api.post('/logout/access', { token })).status).toBe(200);
    const [record] = await service.database.run<{ seconds: number }>(
      `SELECT extract(epoch FROM expires_at)::int AS seconds FROM revocations WHERE target = $1`,
      [claims['jti']],
    );
    expect(record!.seconds).toBe(Number(claimsOf(token)['exp']) + 5);
    expect((await secret(token)).status).toBe(401);
  });
});
