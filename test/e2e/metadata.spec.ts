import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL. The issuer has a path, as behind a proxy that serves more than this.
let service: TestService;

beforeAll(async () => {
  service = await startService({ ISSUER: 'https://example.com/auth/v1' });
});
afterAll(() => service.stop());

const PATH = '/.well-known/oauth-authorization-server';
// Not through the checker: the document has only the address without a path.
const read = (suffix: string, headers: Record<string, string> = {}) =>
  fetch(`${service.api.url}${PATH}${suffix}`, { headers });

describe('/.well-known/oauth-authorization-server', () => {
  it.each(['/', '/auth', '/auth/', '/auth/v1/', '/auth/v2', '/AUTH/V1', '/auth/v1/x', '//auth/v1', '/x'])(
    'is 404 under a path that is not the issuer’s: %s',
    async (suffix) => {
      expectProblem(await service.api.get(`${PATH}${suffix}`), 'not_found');
    },
  );

  it('takes no other method', async () => {
    for (const suffix of ['', '/auth/v1']) {
      expectProblem(await service.api.post(`${PATH}${suffix}`), 'method_not_allowed');
    }
  });

  it('names every address under the issuer, and only what there is (RFC 8414)', async () => {
    const { status, headers, body } = await service.api.get(PATH);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(body).toEqual({
      issuer: 'https://example.com/auth/v1',
      token_endpoint: 'https://example.com/auth/v1/oauth/token',
      jwks_uri: 'https://example.com/auth/v1/.well-known/jwks.json',
      introspection_endpoint: 'https://example.com/auth/v1/oauth/introspect',
      revocation_endpoint: 'https://example.com/auth/v1/oauth/revoke',
      revocation_list_endpoint: 'https://example.com/auth/v1/revocations',
      revocation_stream_endpoint: 'https://example.com/auth/v1/revocations/stream',
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      grant_types_supported: ['refresh_token', 'client_credentials'],
      response_types_supported: [],
      scopes_supported: ['tokens:introspect', 'tokens:revoke', 'revocations:read'],
    });
    for (const [name, address] of Object.entries<string>(body)) {
      if (!/_(endpoint|uri)$/.test(name)) continue;
      const path = address.slice(body.issuer.length);
      const method = /^(jwks_uri|revocation_(list|stream)_endpoint)$/.test(name) ? 'GET' : 'POST';
      const { status: answered } = await service.api.send(method, path);
      expect({ path, isThere: answered !== 404 && answered !== 405 }).toEqual({ path, isThere: true });
    }
  });

  it('is at the path of the issuer too, the very same', async () => {
    const [plain, under] = [await read(''), await read('/auth/v1')];
    expect(under.status).toBe(200);
    expect(await under.text()).toBe(await plain.text());
  });

  it.each(['', '/auth/v1'])('may be kept, and is 304 to those who have it: "%s"', async (suffix) => {
    const first = await read(suffix);
    expect(first.headers.get('cache-control')).toBe('public, max-age=300');
    const etag = first.headers.get('etag')!;
    const again = await read(suffix, { 'if-none-match': etag });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    expect((await read(suffix, { 'if-none-match': '"other"' })).status).toBe(200);
  });
});
