import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, expectSecurityHeaders } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP and every field of it. Not real: the browser, which decides by these fields what a page may read.
const PAGE = 'https://app.example';
const STRANGER = 'https://evil.example';
let service: TestService;
let closed: TestService;

beforeAll(async () => {
  service = await startService({ CORS_ORIGINS: `${PAGE}, http://localhost:5173` });
  closed = await startService();
});
afterAll(async () => {
  await service.stop();
  await closed.stop();
});

const fieldsOf = ({ headers }: { headers: Headers }) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

const bodyOf = async (answer: Response) => (await answer.json()) as { code: string };

function preflight(on: TestService, path: string, origin: string, method = 'POST') {
  return fetch(on.api.url + path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization,content-type',
    },
  });
}

describe('a page of an origin that is configured', () => {
  it.each(['/login', '/users/me', '/sessions/x', '/no-such-address'])(
    'may send what it likes to %s, and learns it without a token',
    async (path) => {
      const answer = await preflight(service, path, PAGE);
      expect([answer.status, await answer.text()]).toEqual([204, '']);
      expect(fieldsOf(answer)).toEqual({
        'access-control-allow-origin': PAGE,
        'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers': 'Authorization, Content-Type, If-None-Match, Last-Event-ID',
        'access-control-expose-headers': expect.any(String),
        'access-control-max-age': '600',
      });
      expect(answer.headers.get('vary')).toBe('Origin');
      expectSecurityHeaders(answer.headers);
    },
  );

  it('may read an answer, and of its fields those that it needs', async () => {
    const answer = await service.api.get('/.well-known/jwks.json', { headers: { origin: PAGE } });
    expect(answer.status).toBe(200);
    expect(fieldsOf(answer)).toEqual({
      'access-control-allow-origin': PAGE,
      'access-control-expose-headers': 'ETag, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id',
    });
  });

  it('may read a refusal', async () => {
    const answer = await service.api.get('/users/me', { headers: { origin: PAGE } });
    expectProblem(answer, 'missing_token');
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    const unknown = await service.api.get('/nowhere', { headers: { origin: PAGE } });
    expectProblem(unknown, 'not_found');
    expect(unknown.headers.get('access-control-allow-origin')).toBe(PAGE);
  });
});

describe.each([
  ['a page of another origin', () => service, STRANGER],
  ['a page whose origin begins alike', () => service, `${PAGE}.evil.example`],
  ['a page of the same host by another scheme', () => service, 'http://app.example'],
  ['a page without an origin to name', () => service, 'null'],
  ['any page, where none is configured', () => closed, PAGE],
])('%s', (_, on, origin) => {
  it('is told nothing that a browser would let it read', async () => {
    const answer = await on().api.get('/.well-known/jwks.json', { headers: { origin } });
    expect([answer.status, fieldsOf(answer)]).toEqual([200, {}]);
  });

  it('has its preflight refused as the method that it is', async () => {
    for (const path of ['/login', '/sessions/x']) {
      const answer = await preflight(on(), path, origin);
      expect([answer.status, (await bodyOf(answer)).code, fieldsOf(answer)]).toEqual([405, 'method_not_allowed', {}]);
      expectSecurityHeaders(answer.headers);
    }
  });
});

describe('where origins are configured', () => {
  it('an OPTIONS that is no preflight is 405, and one to nowhere 404', async () => {
    const headers = { origin: PAGE };
    const known = await fetch(`${service.api.url}/login`, { method: 'OPTIONS', headers });
    expect([known.status, known.headers.get('allow')]).toEqual([405, 'POST']);
    const unknown = await fetch(`${service.api.url}/nowhere`, { method: 'OPTIONS', headers });
    expect([unknown.status, (await bodyOf(unknown)).code]).toEqual([404, 'not_found']);
    const wrong = await service.api.get('/login', { headers });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('the preflight of a page behind a gateway is no preflight of ours: without a token it is 401', async () => {
    for (const path of ['/forward-auth', '/forward-auth/orders', '/audiences/recant/forward-auth']) {
      const answer = await preflight(service, path, PAGE);
      expect(answer.status).toBe(401);
    }
  });

  it('a cache is told on every answer that it depends on the origin', async () => {
    const answer = await service.api.get('/.well-known/jwks.json');
    expect(answer.headers.get('vary')).toBe('Origin');
  });
});
