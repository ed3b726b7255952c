import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ErrorCode } from '../../src/common/errors/error-catalog.js';
import { type Account, Given } from '../support/given.js';
import { expectProblem, expectSecurityHeaders } from '../support/problem.js';
import { exchange, rawRequest } from '../support/raw-http.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP down to the socket.
let service: TestService;
let user: Account;

beforeAll(async () => {
  service = await startService();
  user = await new Given(service).aUser();
});
afterAll(() => service.stop());

const raw = (bytes: string | Uint8Array) => exchange(service.api.url, bytes);
const JSON_FIELD = 'Content-Type: application/json';
const FORM_FIELD = 'Content-Type: application/x-www-form-urlencoded';

describe('an address', () => {
  it.each<[string, ErrorCode]>([
    ['/%', 'malformed_request'],
    ['/%ff', 'malformed_request'],
    ['/%E0%A4%A', 'malformed_request'],
    ['/users/%', 'malformed_request'],
    ['/docs/..', 'not_found'],
    ['/docs//x', 'not_found'],
    ['/docs/%2e%2e/x', 'not_found'],
    ['/nowhere', 'not_found'],
    ['/nowhere/%2e%2e/secret', 'not_found'],
    ['/secret/', 'not_found'],
    ['/SECRET', 'not_found'],
    ['//secret', 'not_found'],
    ['/secret%00', 'not_found'],
    ['/secret;x=1', 'not_found'],
    ['/__proto__', 'not_found'],
    ['/constructor', 'not_found'],
    ['/users/me/more', 'not_found'],
    ['/users/', 'not_found'],
    ['/users//', 'not_found'],
    ['/users//sessions', 'not_found'],
    ['/users//sessions/x', 'not_found'],
    ['/audiences//forward-auth', 'not_found'],
    ['/%F0%9F%98%80', 'not_found'],
    [`/${'a'.repeat(9_000)}`, 'not_found'],
    [`/users/${'a'.repeat(2_000)}`, 'missing_token'],
    ['*', 'not_found'],
    ['http://elsewhere.test/nowhere', 'not_found'],
  ])('that leads nowhere is refused in the one shape: %s', async (address, code) => {
    const answer = await raw(rawRequest(`GET ${address}`));
    const either = answer.body.code === 'uri_too_long' ? 'uri_too_long' : code;
    expectProblem(answer, address.length > 1_000 ? either : code);
  });

  it('shows nothing of itself in its refusal', async () => {
    const { body } = await raw(rawRequest('GET /<script>alert(1)</script>'));
    expect(JSON.stringify(body)).not.toContain('script');
  });
});

describe('a body for an address that leads nowhere', () => {
  const addresses = [
    '/nowhere',
    '/oauth/introspect/',
    '/OAuth/Introspect',
    '/login/',
    '/users/me/more',
    '/users//logout',
  ];
  const bodies: [string, string[], string][] = [
    ['of JSON', [JSON_FIELD], '{}'],
    ['that is half', [JSON_FIELD], '{"a"'],
    ['of a form', [FORM_FIELD], 'token=x'],
    ['of text', ['Content-Type: text/plain'], 'text'],
    ['of a type that is none', ['Content-Type: json'], '{}'],
    ['of no type', [], '{}'],
    ['that is packed', [JSON_FIELD, 'Content-Encoding: gzip'], '{}'],
    ['that is empty', ['Content-Type: text/plain'], ''],
    ['of 70 KB', [JSON_FIELD], 'a'.repeat(70_000)],
  ];

  it.each(bodies)('is not looked at: one %s', async (_, fields, body) => {
    for (const address of addresses) {
      const sized = [...fields, `Content-Length: ${body.length}`];
      expectProblem(await raw(rawRequest(`POST ${address}`, sized, body)), 'not_found');
    }
  });
});

const routes: [path: string, ...methods: string[]][] = [
  ['/registration', 'POST'],
  ['/login', 'POST'],
  ['/token/refresh', 'POST'],
  ['/logout/access', 'POST'],
  ['/logout/refresh', 'POST'],
  ['/logout', 'POST'],
  ['/secret', 'GET'],
  ['/users/me', 'GET', 'DELETE'],
  ['/users', 'GET', 'DELETE'],
  ['/users/00000000-0000-4000-8000-000000000000', 'GET', 'PATCH', 'DELETE'],
  ['/health/live', 'GET'],
  ['/health/ready', 'GET'],
];

describe('a method that an address does not take', () => {
  it.each(routes)('is 405 with the methods it takes in Allow: %s', async (path, ...methods) => {
    const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    const others = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter((m) => !allowed.includes(m));
    for (const method of others) {
      // A token changes nothing: the method is looked at first.
      const fields = [`Authorization: Bearer ${user.access}`, JSON_FIELD, 'Content-Length: 2'];
      const answer = await raw(rawRequest(`${method} ${path}`, fields, '{}'));
      expect({ method, status: answer.status }).toEqual({ method, status: 405 });
      if (method !== 'HEAD') expectProblem(answer, 'method_not_allowed');
      const allow = answer.headers.get('allow')?.split(/, */);
      expect({ method, allow: allow?.toSorted() }).toEqual({ method, allow: allowed.toSorted() });
    }
  });

  it.each(['TRACE', 'PROPFIND', 'QUERY', 'LOCK', 'M-SEARCH'])(
    'is refused also when it is a rare one: %s',
    async (method) => {
      const answer = await raw(rawRequest(`${method} /secret`));
      expect([400, 405]).toContain(answer.status);
      expectProblem(answer, answer.status === 405 ? 'method_not_allowed' : 'malformed_request');
    },
  );

  it('answers HEAD as GET, without the body', async () => {
    const answer = await raw(rawRequest('HEAD /secret', [`Authorization: Bearer ${user.access}`]));
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('');
  });
});

const malformed: [request: string, bytes: string | Uint8Array, code: ErrorCode][] = [
  ['garbage', 'garbage\r\n\r\n', 'malformed_request'],
  ['binary garbage', new Uint8Array([0, 255, 1, 2, 13, 10, 13, 10]), 'malformed_request'],
  ['a TLS greeting', new Uint8Array([22, 3, 1, 0, 5, 1, 0, 0, 1, 3]), 'malformed_request'],
  ['no Host', 'GET /secret HTTP/1.1\r\nConnection: close\r\n\r\n', 'malformed_request'],
  ['an unknown version', 'GET / HTTP/9.9\r\nHost: a\r\n\r\n', 'malformed_request'],
  ['a field without a colon', rawRequest('GET /secret', ['nonsense']), 'malformed_request'],
  ['a field with NUL', rawRequest('GET /secret', ['X-A: \0']), 'malformed_request'],
  ['a blank in the address', rawRequest('GET /a b'), 'malformed_request'],
  ['an unknown method', rawRequest('FROBNICATE /secret'), 'malformed_request'],
  ['CONNECT', rawRequest('CONNECT elsewhere.test:443'), 'malformed_request'],
  ['a fragment', rawRequest('GET /secret#a'), 'malformed_request'],
  ['a fragment before the query', rawRequest('POST /login#?a=b'), 'malformed_request'],
  ['a length that is none', rawRequest('POST /login', [JSON_FIELD, 'Content-Length: x'], '{}'), 'malformed_request'],
  [
    'two lengths',
    rawRequest('POST /login', [JSON_FIELD, 'Content-Length: 2', 'Content-Length: 3'], '{}'),
    'malformed_request',
  ],
  [
    'two content types',
    rawRequest('POST /login', [JSON_FIELD, FORM_FIELD, 'Content-Length: 2'], '{}'),
    'malformed_request',
  ],
  [
    'a length and chunks',
    rawRequest('POST /login', [JSON_FIELD, 'Content-Length: 2', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
    'malformed_request',
  ],
  [
    'chunks that are none',
    rawRequest('POST /login', [JSON_FIELD, 'Transfer-Encoding: chunked'], 'zz\r\n\r\n'),
    'malformed_request',
  ],
  ['header fields of 20 KB', rawRequest('GET /secret', [`X-Large: ${'a'.repeat(20_000)}`]), 'headers_too_large'],
  [
    '3,000 header fields',
    rawRequest(
      'GET /secret',
      Array.from({ length: 3_000 }, (_, n) => `X-${n}: 1`),
    ),
    'headers_too_large',
  ],
  ['a token of 20 KB', rawRequest('GET /secret', [`Authorization: Bearer ${'a'.repeat(20_000)}`]), 'headers_too_large'],
  ['an address of 20 KB', rawRequest(`GET /${'a'.repeat(20_000)}`), 'headers_too_large'],
  [
    'a length of 70 KB and no body',
    rawRequest('POST /login', [JSON_FIELD, 'Content-Length: 70000']),
    'payload_too_large',
  ],
  [
    'a chunk of 70 KB',
    rawRequest(
      'POST /login',
      [FORM_FIELD, 'Transfer-Encoding: chunked'],
      `11170\r\n${'a'.repeat(70_000)}\r\n0\r\n\r\n`,
    ),
    'payload_too_large',
  ],
];

describe('what is hardly HTTP', () => {
  it.each(malformed)('is refused in the one shape: %s', async (_, bytes, code) => {
    expectProblem(await raw(bytes), code);
    expect((await service.api.get('/health/live')).status).toBe(200);
  });
});

describe('CONNECT', () => {
  it('leaves no connection behind, whatever the client does with its end of it', async () => {
    const port = Number(new URL(service.api.url).port);
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined).resume();
    socket.write(rawRequest('CONNECT elsewhere.test:443'));
    await once(socket, 'end');
    const isReset = (): boolean => {
      if (!socket.destroyed) socket.write('x');
      return socket.errored !== null;
    };
    await expect.poll(isReset, { interval: 5, timeout: 5_000 }).toBe(true);
  });
});

describe('an expectation', () => {
  it.each(['nonsense', '200-ok', '100-continues', '', '\xff'])('that is none is ignored: %j', async (value) => {
    expectProblem(await raw(rawRequest('GET /secret', [`Expect: ${value}`])), 'missing_token');
    expect((await raw(rawRequest('GET /health/live', [`Expect: ${value}`]))).body).toEqual({ status: 'ok' });
  });
});

describe('a body that turns out to be none, when its request has its answer already', () => {
  it.each([
    ['at once', rawRequest('POST /nowhere', ['Transfer-Encoding: gzip'], 'x'), ''],
    ['at once, at an address that is none', rawRequest('POST /%', ['Transfer-Encoding: gzip'], 'x'), ''],
    ['later', rawRequest('POST /nowhere', ['Transfer-Encoding: chunked']).replace('close', 'keep-alive'), 'zz\r\n'],
  ])('gets no second one: %s', async (_, first, second) => {
    const { port } = new URL(service.api.url);
    const socket = connect(Number(port), '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      if (text === '') socket.write(second);
      text += chunk;
    });
    socket.write(first);
    await once(socket, 'close');
    expect(text.match(/HTTP\/1\.1 \d+/g)).toHaveLength(1);
  });

  it('does not keep what is no request at all from its refusal', async () => {
    const { port } = new URL(service.api.url);
    const socket = connect(Number(port), '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      if (text === '') socket.write('garbage\r\n\r\n');
      text += chunk;
    });
    socket.write(rawRequest('POST /logout', [JSON_FIELD, 'Content-Length: 2'], '{}').replace('close', 'keep-alive'));
    await once(socket, 'close');
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 400']);
  });
});

describe('every answer', () => {
  it.each<[string, string | Uint8Array, number]>([
    ['200', rawRequest('GET /health/live'), 200],
    ['400', rawRequest('POST /login', [JSON_FIELD, 'Content-Length: 2'], '{}'), 400],
    ['400 for its address', rawRequest('GET /%'), 400],
    ['400 for its syntax', 'garbage\r\n\r\n', 400],
    ['401', rawRequest('GET /secret'), 401],
    ['404', rawRequest('GET /nowhere'), 404],
    ['405', rawRequest('POST /secret'), 405],
    ['413', rawRequest('POST /login', [JSON_FIELD, 'Content-Length: 70000']), 413],
    ['415', rawRequest('POST /login', ['Content-Type: text/plain', 'Content-Length: 2'], '{}'), 415],
    ['431', rawRequest('GET /secret', [`X-Large: ${'a'.repeat(20_000)}`]), 431],
  ])('has the security headers: %s', async (_, bytes, status) => {
    const answer = await raw(bytes);
    expect(answer.status).toBe(status);
    expectSecurityHeaders(answer.headers);
  });
});
