import { METHODS } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer } from '../support/api-client.js';
import { type Account, Given } from '../support/given.js';
import { expectProblem } from '../support/problem.js';
import { exchange, rawRequest } from '../support/raw-http.js';
import { startService, type TestService } from '../support/service.js';

const MEGABYTE = 1024 * 1024;

// Real: HTTP down to the socket. The gateway is the test, which sends what gateways send: the method, the address and the
// body of the request that they hold.
let service: TestService;
let user: Account;

beforeAll(async () => {
  service = await startService({ AUDIENCE: 'recant,orders' });
  user = await new Given(service).aUser();
});
afterAll(() => service.stop());

const raw = (firstLine: string, fields: string[] = [], body = '') =>
  exchange(service.api.url, rawRequest(firstLine, fields, body));
const bearer = (token: string) => `Authorization: Bearer ${token}`;

function expectPassed({ status, headers, body }: Answer): void {
  expect({ status, subject: headers.get('x-auth-subject'), body }).toEqual({ status: 200, subject: user.id, body: '' });
}

describe('any method', () => {
  // Node makes no request of CONNECT.
  it.each(METHODS.filter((method) => method !== 'CONNECT'))('%s', async (method) => {
    for (const path of ['/forward-auth', '/forward-auth/orders/7?x=1', '/audiences/orders/forward-auth/x']) {
      const refusal = await raw(`${method} ${path}`);
      expect({ path, status: refusal.status }).toEqual({ path, status: 401 });
      expect(refusal.headers.get('www-authenticate')).toBe('Bearer');
      expectPassed(await raw(`${method} ${path}`, [bearer(user.access)]));
    }
  });

  it('of no other address: what was closed to it still is', async () => {
    for (const method of ['PROPFIND', 'QUERY', 'ACL', 'POST']) {
      const answer = await raw(`${method} /secret`, [bearer(user.access), 'Content-Type: application/json']);
      expectProblem(answer, 'method_not_allowed');
      expect(answer.headers.get('allow')).toBe('GET, HEAD');
    }
  });
});

describe('any address below', () => {
  const addresses = [
    '/',
    '//',
    '/x/../../secret',
    '/%2e%2e/..',
    '/%2e%2e%2fsecret',
    '/%00',
    '/%25',
    '/%F0%9F%98%80',
    '/<script>',
    '/;x=1',
    '?',
    '?%',
    '?a=1&a=2&__proto__=x',
    '/constructor/__proto__',
    `/${'a'.repeat(7_000)}`,
    `/${'a/'.repeat(2_000)}`,
    `?${'a=1&'.repeat(1_000)}`,
  ];

  it.each(addresses)('needs a token and passes with one: %s', async (rest) => {
    expect((await raw(`GET /forward-auth${rest}`)).status).toBe(401);
    expectPassed(await raw(`GET /forward-auth${rest}`, [bearer(user.access)]));
  });

  it.each(['/%', '/%ff', '/%E0%A4%A', `/${'a'.repeat(20_000)}`])('that is none is refused: %s', async (rest) => {
    for (const fields of [[], [bearer(user.access)]]) {
      const { status } = await raw(`POST /forward-auth${rest}`, fields);
      expect([400, 414, 431]).toContain(status);
    }
  });

  it.each([
    '/forward-authx',
    '/FORWARD-AUTH',
    '/forward-auth%2f',
    '/forward-auth;x',
    '/x/forward-auth',
    '//forward-auth',
  ])('is nothing beside it: %s', async (path) => {
    expectProblem(await raw(`GET ${path}`, [bearer(user.access)]), 'not_found');
  });
});

describe('any body', () => {
  const bodies: [string, string[], string][] = [
    ['of JSON', ['Content-Type: application/json'], '{"a":1}'],
    ['that is half', ['Content-Type: application/json'], '{"a"'],
    ['of a type that is none', ['Content-Type: ;;;'], 'x'],
    ['of an unknown type', ['Content-Type: image/png'], 'x'],
    ['in another charset', ['Content-Type: text/plain; charset=utf-16'], 'x'],
    ['of no type', [], 'x'],
    ['that is packed', ['Content-Type: application/json', 'Content-Encoding: br'], 'x'],
    ['in parts', ['Content-Type: multipart/form-data; boundary=b'], '--b--'],
    ['that is empty', ['Content-Type: application/json'], ''],
  ];

  it.each(bodies)('is not looked at: one %s', async (_, fields, body) => {
    const chunks = `${body && `${body.length.toString(16)}\r\n${body}\r\n`}0\r\n\r\n`;
    for (const [framing, framed] of [
      [`Content-Length: ${body.length}`, body],
      ['Transfer-Encoding: chunked', chunks],
    ] as const) {
      for (const method of ['POST', 'PUT', 'DELETE', 'GET', 'QUERY', 'PROPFIND']) {
        const all = [...fields, framing];
        expect((await raw(`${method} /forward-auth/x`, all, framed)).status).toBe(401);
        expectPassed(await raw(`${method} /forward-auth/x`, [...all, bearer(user.access)], framed));
      }
    }
  });

  it('is not waited for: the answer is there before it has come', async () => {
    const fields = ['Content-Type: text/plain', `Content-Length: ${10 * MEGABYTE}`, bearer(user.access)];
    expectPassed(await raw('POST /forward-auth', fields));
  });

  it('of 10 MB is read past, and the connection serves the next request', async () => {
    const socket = connect(Number(new URL(service.api.url).port), '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    const head = ['POST /forward-auth HTTP/1.1', 'Host: a', bearer(user.access), `Content-Length: ${10 * MEGABYTE}`];
    for (let i = 0; i < 3; i++) {
      socket.write([...head, '', ''].join('\r\n'));
      socket.write(Buffer.alloc(10 * MEGABYTE));
    }
    await expect.poll(() => text.match(/^HTTP\/1.1 \d+/gm), { timeout: 10_000 }).toEqual(Array(3).fill('HTTP/1.1 200'));
    socket.destroy();
  });

  it('that asks first whether it may come is told so, and is read past', async () => {
    const fields = ['Content-Type: text/plain', 'Content-Length: 1', 'Expect: 100-continue'];
    const answer = await raw('POST /forward-auth', [...fields, bearer(user.access)], 'x');
    expect(answer.status).toBe(100);
    expect(answer.body).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  });

  it('is looked at everywhere else, whatever it calls itself', async () => {
    const fields = ['Content-Type: application/x-unread', 'Content-Length: 1'];
    expectProblem(await raw('POST /logout/all', [...fields, bearer(user.access)], 'x'), 'unsupported_media_type');
  });
});
