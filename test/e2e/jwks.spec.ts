import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, Given } from '../support/given.js';
import { outOfSync } from '../support/memory.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { expectNotReady, expectUnavailable, WITHOUT_DATABASE } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL, and jose as another service would use it.
let service: TestService;
let user: Account;

beforeAll(async () => {
  service = await startService();
  user = await new Given(service).aUser();
});
afterAll(() => service.stop());

const address = () => new URL('/.well-known/jwks.json', service.api.url);
const expected = { issuer: 'http://recant.test', audience: 'recant', typ: 'at+jwt', algorithms: ['ES256'] };

describe('/.well-known/jwks.json', () => {
  it('lets another service verify an access token, and does not let it take a refresh token for one', async () => {
    const keys = createRemoteJWKSet(address());
    const { payload } = await jwtVerify(user.access, keys, expected);
    expect(payload.sub).toBe(user.id);
    await expect(jwtVerify(user.refresh, keys, { ...expected, algorithms: ['ES256', 'HS256'] })).rejects.toThrow(
      /Unsupported "alg"/,
    );
  });

  it('tells public members only', async () => {
    const { status, headers, body } = await service.api.get('/.well-known/jwks.json');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^application\/jwk-set\+json/);
    // The one that signs, and the one that will.
    const members = ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'];
    expect(body.keys.map((key: object) => Object.keys(key).toSorted())).toEqual([members, members]);
  });

  it('may be kept, and is 304 to those who have it', async () => {
    const first = await fetch(address());
    expect(first.headers.get('cache-control')).toBe('public, max-age=300');
    const etag = first.headers.get('etag')!;
    for (const [known, status] of [
      [etag, 304],
      [`"other", W/${etag}`, 304],
      ['"other"', 200],
    ] as const) {
      const again = await fetch(address(), { headers: { 'if-none-match': known } });
      expect({ known, status: again.status, etag: again.headers.get('etag') }).toEqual({ known, status, etag });
      expect((await again.text()) === '').toBe(status === 304);
    }
  });

  it('is answered while the database is not there, and everything else is 503', async () => {
    const faults = new DatabaseFaults(service.database);
    await faults.goAway();
    await outOfSync(service);
    expect((await service.api.get('/.well-known/jwks.json')).status).toBe(200);
    expect((await service.api.get('/health/live')).status).toBe(200);
    expectNotReady(await service.api.get('/health/ready'), WITHOUT_DATABASE);
    expectUnavailable(await service.api.get('/secret', { token: user.access }));
    await faults.comeBack();
    expect((await service.api.get('/secret', { token: user.access })).status).toBe(200);
  });
});
