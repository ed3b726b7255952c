import { createHash, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { identityFields } from '../../src/auth/forward-auth/identity-headers.js';
import { type Answer } from '../support/api-client.js';
import { claimsOf } from '../support/given.js';
import { freePort } from '../support/service.js';
import { type Arrived, EchoService, Wire } from './listener.js';
import { Gateway, type GatewayKind } from './gateway.js';
import { Recants } from './recants.js';

type Identity = Partial<Record<keyof typeof identityFields, string>>;
type User = Awaited<ReturnType<Recants['aUser']>>;

/** Every spelling under which some service may read a field of the identity. */
const FORGED = [
  ...Object.keys(identityFields).map((name) => `${name}: forged`),
  'X-Auth-Roles: admin',
  'x-auth-roles: admin',
  'X-AUTH-SCOPE: tokens:revoke',
  'x_auth_subject: forged',
  'X_Auth_Roles: admin',
  'X-Auth_Roles: admin',
  'X_AUTH-Session: forged',
];

/** Not fields at all. */
const BROKEN = ['X-Auth-Roles : admin', ' X-Auth-Roles: admin', 'X-Auth-Roles\t: admin', 'X-Auth-Roles\0: admin'];

/** What a gateway may have been told to look at by somebody else's handbook. */
const MISLEADING = [
  'X-Original-URI: /health/live',
  'X-Original-URL: /health/live',
  'X-Original-Method: OPTIONS',
  'X-Forwarded-Uri: /health/live',
  'X-Forwarded-Method: OPTIONS',
  'X-HTTP-Method-Override: OPTIONS',
  'X-Rewrite-URL: /health/live',
  'X-Recant-Audience: orders',
];

const ADDRESSES = [
  '/',
  '/orders/../secret',
  '/orders/..%2f..%2fhealth/live',
  '/%2e%2e/health/live',
  '/orders%2f7',
  '/orders%00',
  '//forward-auth',
  '/forward-auth',
  '/_recant',
  '/_recant/../orders',
  '/audiences/orders/forward-auth',
  '/?audience=orders&%2e%2e=%2f',
  '/orders/7;x=1?a=1&a=2#x',
];

/** What docs/gateways.md and the README of the examples say of every gateway, held against a real one. */
export function keepsThePromises(name: string, kind: GatewayKind): void {
  let recants: Recants;
  let service: EchoService;
  let wire: Wire;
  let gateway: Gateway;
  let user: User;

  beforeAll(async () => {
    [recants, service] = await Promise.all([Recants.start(), EchoService.start()]);
  });
  afterAll(() => Promise.all([recants.stop(), service.stop()]));
  beforeEach(async () => {
    service.arrived.length = 0;
    [wire, user] = await Promise.all([Wire.to(recants.asked.url), recants.aUser()]);
    gateway = await Gateway.start(kind, { recant: wire.url, service: service.url });
  });
  afterEach(async () => {
    await gateway.stop();
    await wire.stop();
  });

  const bearer = (token: string) => `Authorization: Bearer ${token}`;
  const get = (token: string, fields: string[] = []) => gateway.send('GET /orders', [bearer(token), ...fields]);
  const identityOf = ({ id, access }: User): Identity => ({
    'X-Auth-Subject': id,
    'X-Auth-Session': claimsOf(access).sid,
    'X-Auth-Client': 'recant',
  });

  /** What says who sent it must be Recant's words, each once or, where it has none, not at all or empty. */
  function expectPassed(answer: Answer, identity: Identity): Arrived {
    expect(answer.status).toBe(200);
    const arrived = answer.body as Arrived;
    const found = arrived.fields.filter(([field, value]) => /^x[-_]auth[-_]/i.test(field) && value !== '');
    expect(linesOf(found)).toEqual(linesOf(Object.entries(identity)));
    return arrived;
  }

  function expectNothingArrived(): void {
    expect(service.arrived).toEqual([]);
  }

  /** Some gateways refuse what others repair, which is their own affair; nobody may pass as somebody else. */
  function expectPassedOrRefused(answer: Answer, statuses: number[]): void {
    if (!statuses.includes(answer.status)) expectPassed(answer, identityOf(user));
    else expectNothingArrived();
  }

  function expectRefused(answer: Answer, challenge: string): void {
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, challenge]);
    expect(service.arrived).toEqual([]);
  }

  function expectUnknown(answer: Answer): void {
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(service.arrived).toEqual([]);
  }

  describe(`${name}: who sent a request`, () => {
    it('is asked for without a token, and the request goes no further', async () => {
      expectRefused(await gateway.send('GET /orders'), 'Bearer');
      expectRefused(await gateway.send('POST /orders', ['Content-Length: 1'], 'x'), 'Bearer');
    });

    it('is asked for again with a token that is none', async () => {
      for (const token of ['wrong', user.refresh, `${user.access}x`]) {
        expectRefused(await get(token), 'Bearer error="invalid_token"');
      }
    });

    it('is told to the service', async () => {
      const { method, url } = expectPassed(await get(user.access), identityOf(user));
      expect([method, url]).toEqual(['GET', '/orders']);
    });

    it('is told with the roles of a user, and with the scopes of a client, who has no roles and no session', async () => {
      const access = await recants.withRoles(user, '{editor,reader}');
      expectPassed(await get(access), { ...identityOf({ ...user, access }), 'X-Auth-Roles': 'editor,reader' });
      const client = await recants.aClient('tokens:introspect tokens:revoke');
      expectPassed(await get(client.access, FORGED), {
        'X-Auth-Subject': client.id,
        'X-Auth-Client': client.id,
        'X-Auth-Scope': 'tokens:introspect tokens:revoke',
      });
    });

    it('is not for the caller to say, with a token', async () => {
      const forged = [...FORGED, ...kind.forged];
      expectPassed(await get(user.access, forged), identityOf(user));
      for (const field of forged) expectPassed(await get(user.access, [field, field]), identityOf(user));
      expect(wire.heard).not.toMatch(/^x[-_]auth[-_]/im);
    });

    it('is not for the caller to say, without one', async () => {
      expectRefused(await gateway.send('GET /orders', FORGED), 'Bearer');
    });

    it.each(BROKEN)('is not for the caller to say in a line that is none: %j', async (line) => {
      expectPassedOrRefused(await get(user.access, [line]), [400, 401]);
    });

    it('is not for the caller to take away, by naming it as a matter of the connection', async () => {
      const named = Object.keys(identityFields).join(', ');
      expectPassed(await get(user.access, [`Connection: ${named}`]), identityOf(user));
    });

    it('is asked of one token: two are refused', async () => {
      const other = await recants.aUser();
      const answer = await get(user.access, [bearer(other.access)]);
      expect([400, 401]).toContain(answer.status);
      expect(service.arrived).toEqual([]);
    });
  });

  describe(`${name}: the request`, () => {
    it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])('of %s', async (method) => {
      const refusal = await gateway.send(`${method} /orders`);
      expect([refusal.status, refusal.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      expect(service.arrived).toEqual([]);
      expect((await gateway.send(`${method} /orders`, [bearer(user.access)])).status).toBe(200);
      expect(service.arrived).toMatchObject([{ method, url: '/orders' }]);
    });

    it.each(['in one piece', 'in chunks'])('has its body, whole, %s; Recant gets none of it', async (how) => {
      const body = randomBytes(250_000).toString('hex');
      const sha256 = createHash('sha256').update(body).digest('hex');
      const chunks = body.match(/.{1,60000}/g)!.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`);
      const [framing, framed] =
        how === 'in chunks'
          ? ['Transfer-Encoding: chunked', `${chunks.join('')}0\r\n\r\n`]
          : [`Content-Length: ${body.length}`, body];
      const fields = [bearer(user.access), 'Content-Type: application/octet-stream', framing];
      const arrived = expectPassed(await gateway.send('POST /orders', fields, framed), identityOf(user));
      expect(arrived).toMatchObject({ method: 'POST', body: { length: body.length, sha256 } });
      expect(wire.heard).toContain(user.access);
      expect(wire.heard.length).toBeLessThan(3_000);
      expect(wire.heard).toMatch(/^GET \/forward-auth HTTP\/1.1\r\n/);
      expect(wire.heard).not.toMatch(/^(content-length: [1-9]|transfer-encoding)/im);
    });

    it.each(ADDRESSES)('to %s is refused without a token and the same person’s with one', async (address) => {
      const refusal = await gateway.send(`GET ${address}`);
      expect([400, 401, 404]).toContain(refusal.status);
      expect(service.arrived).toEqual([]);
      const answer = await gateway.send(`GET ${address}`, [bearer(user.access)]);
      expectPassedOrRefused(answer, [400, 404].includes(refusal.status) ? [refusal.status] : []);
    });

    it.each(MISLEADING)('is what it is, whatever it says of itself: %s', async (field) => {
      expectRefused(await gateway.send('GET /orders', [field]), 'Bearer');
      expectPassed(await get(user.access, [field]), identityOf(user));
      expect(wire.heard).not.toMatch(/^\S+ (?!\/forward-auth HTTP)\S+ HTTP/m);
    });
  });

  describe(`${name}: a token that was taken back`, () => {
    it('is refused on the next request, by the instance that took it back', async () => {
      expectPassed(await get(user.access), identityOf(user));
      expect((await recants.asked.post('/logout', { token: user.access })).status).toBe(200);
      service.arrived.length = 0;
      expectRefused(await get(user.access), 'Bearer error="invalid_token"');
    });

    it('is refused before long, when another instance took it back', async () => {
      expectPassed(await get(user.access), identityOf(user));
      expect((await recants.other.post('/logout', { token: user.access })).status).toBe(200);
      await expect.poll(async () => (await get(user.access)).status, { interval: 5, timeout: 2_000 }).toBe(401);
    });
  });

  describe(`${name}: when nobody can know, nobody passes`, () => {
    it('while Recant says so: its 503 with its Retry-After', async () => {
      await recants.withoutDatabase(user.access, async () => expectUnknown(await get(user.access)));
    });

    it('while Recant cannot be reached, and everybody may when it is back', async () => {
      expectPassed(await get(user.access), identityOf(user));
      service.arrived.length = 0;
      const { url } = wire;
      await wire.stop();
      expectUnknown(await get(user.access));
      expectUnknown(await gateway.send('POST /orders', [bearer(user.access), 'Content-Length: 1', ...FORGED], 'x'));
      wire = await Wire.to(recants.asked.url, Number(new URL(url).port));
      await expect.poll(async () => (await get(user.access)).status, { interval: 20, timeout: 15_000 }).toBe(200);
    });

    it('while Recant does not answer, which is not waited for long', async () => {
      wire.isCut = true;
      const startedAt = performance.now();
      expectUnknown(await get(user.access));
      expect(performance.now() - startedAt).toBeLessThan(15_000);
    });
  });

  it(`${name}: a service that is away is a matter between the gateway and the service`, async () => {
    const away = `http://127.0.0.1:${await freePort()}`;
    const other = await Gateway.start(kind, { recant: wire.url, service: away });
    try {
      expect((await other.send('GET /orders', [bearer(user.access)])).status).toBe(502);
      expectRefused(await other.send('GET /orders'), 'Bearer');
    } finally {
      await other.stop();
    }
  });

  it(`${name}: asks for an audience of its own where the address names one`, async () => {
    const path = '/audiences/orders/forward-auth';
    const forOrders = await Gateway.start(kind, { recant: wire.url, service: service.url, path });
    try {
      const [ofOrders, ofRecant] = [await recants.aUser('orders'), await recants.aUser('recant')];
      const [right, wrong] = [bearer(ofOrders.access), bearer(ofRecant.access)];
      expectRefused(await forOrders.send('GET /orders', [wrong]), 'Bearer error="invalid_token"');
      expectPassed(await forOrders.send('GET /orders', [right]), identityOf(ofOrders));
      service.arrived.length = 0;
      expectRefused(await gateway.send('GET /orders', [right]), 'Bearer error="invalid_token"');
    } finally {
      await forOrders.stop();
    }
  });
}

const linesOf = (fields: [name: string, value: string][]): string[] =>
  fields.map(([name, value]) => `${name.toLowerCase()}: ${value}`).toSorted();
