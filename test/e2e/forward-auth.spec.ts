import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { identityFields } from '../../src/auth/forward-auth/identity-headers.js';
import { type Answer } from '../support/api-client.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { type Account, aPassword, aUsername, claimsOf, Given } from '../support/given.js';
import { GivenClients } from '../support/given-clients.js';
import { caughtUp } from '../support/memory.js';
import { expectInvalidToken, expectProblem, expectUnavailable } from '../support/problem.js';
import { Restartable } from '../support/restartable.js';
import { startService, type TestService } from '../support/service.js';
import { pairsIn, respelt, spellings, tampered } from '../support/tokens.js';

// Real: HTTP, PostgreSQL. The gateway is the test.
let service: TestService;
let user: Account;

beforeAll(async () => {
  service = await startService({ AUDIENCE: 'recant,orders,https://billing.test/api' });
});
afterAll(() => service.stop());
beforeEach(async () => {
  user = await new Given(service).aUser();
});

const ask = (token: string, path = '/forward-auth', method = 'GET') => service.api.send(method, path, { token });

function expectIdentity(answer: Answer, identity: Partial<Record<keyof typeof identityFields, string>>): void {
  expect(answer.status).toBe(200);
  expect(answer.body).toBe('');
  for (const name of Object.keys(identityFields) as (keyof typeof identityFields)[]) {
    expect({ [name]: answer.headers.get(name) }).toEqual({ [name]: identity[name] ?? '' });
  }
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

const identityOf = ({ id, access }: Account) => ({
  'X-Auth-Subject': id,
  'X-Auth-Session': claimsOf(access).sid,
  'X-Auth-Client': 'recant',
});

async function tokenFor(resource: string): Promise<string> {
  const json = { username: aUsername(), password: aPassword, resource };
  return pairsIn(await service.api.post('/registration', { json }))[0]!.access;
}

describe('a request that a gateway holds', () => {
  it('without a token is 401 with the challenge', async () => {
    const answer = await service.api.get('/forward-auth');
    expectProblem(answer, 'missing_token');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.headers.get('x-auth-subject')).toBeNull();
  });

  it.each<[string, (account: Account) => string]>([
    ['that is none', () => 'A'],
    ['with claims changed', ({ access }) => tampered(access, { claims: { roles: ['admin'] } })],
    ['that is a refresh token', ({ refresh }) => refresh],
  ])('is 401 with a token %s, also after the right one was seen', async (_, make) => {
    expect((await ask(user.access)).status).toBe(200);
    expectInvalidToken(await ask(make(user)));
  });

  it.each(spellings)('is 401 with %s, also after the right token was seen', async (_, respell) => {
    const [token, other] = await respelt(async () => (await new Given(service).aLogin(user.username)).access, respell);
    expect((await ask(token)).status).toBe(200);
    expectInvalidToken(await ask(other));
  });

  it('with a token is 200 without a body, and says who sent it', async () => {
    expectIdentity(await ask(user.access), identityOf(user));
  });

  it('tells the roles of the user, with commas between them', async () => {
    const admin = await new Given(service).anAdmin();
    await service.api.patch(`/users/${user.id}`, { token: admin.access, json: { roles: ['editor', 'reader'] } });
    const account = await new Given(service).aLogin(user.username);
    expectIdentity(await ask(account.access), { ...identityOf(account), 'X-Auth-Roles': 'editor,reader' });
  });

  it('of a client is told by its client and its scopes, and has no session', async () => {
    const clients = new GivenClients(service);
    const client = await clients.aClient('tokens:introspect tokens:revoke');
    expectIdentity(await ask(await clients.aToken(client)), {
      'X-Auth-Subject': client.id,
      'X-Auth-Client': client.id,
      'X-Auth-Scope': 'tokens:introspect tokens:revoke',
    });
  });

  it('is refused on the request after the logout, whatever was remembered of its token', async () => {
    for (let i = 0; i < 2; i++) expect((await ask(user.access)).status).toBe(200);
    expect((await service.api.post('/logout', { token: user.access })).status).toBe(200);
    expectInvalidToken(await ask(user.access));
    expectInvalidToken(await ask(user.access, '/audiences/orders/forward-auth/x'));
  });

  it('is 503 when nobody can know whether its token is revoked, also of one that was seen before', async () => {
    expect((await ask(user.access)).status).toBe(200);
    const faults = new DatabaseFaults(service.database);
    await faults.goAway();
    try {
      await expect.poll(async () => (await ask(user.access)).status, { interval: 5, timeout: 5_000 }).toBe(503);
      expectUnavailable(await ask(user.access));
    } finally {
      await faults.comeBack();
    }
    await caughtUp(service);
    expect((await ask(user.access)).status).toBe(200);
  });
});

describe('the audience', () => {
  const ofBilling = `/audiences/${encodeURIComponent('https://billing.test/api')}/forward-auth`;

  it.each<[string, string[]]>([
    ['recant', ['/forward-auth', '/audiences/recant/forward-auth']],
    ['orders', ['/audiences/orders/forward-auth']],
    ['https://billing.test/api', [ofBilling]],
  ])(
    'of a token for %s alone is asked for by the address, and Recant by one that names none',
    async (resource, own) => {
      const token = await tokenFor(resource);
      const addresses = [
        '/forward-auth',
        '/audiences/recant/forward-auth',
        '/audiences/orders/forward-auth',
        ofBilling,
      ];
      // Twice: a token that was remembered for one of them is as good for the others as one that was not.
      for (const address of [...addresses, ...addresses]) {
        expect({ address, status: (await ask(token, address)).status }).toEqual({
          address,
          status: own.includes(address) ? 200 : 401,
        });
      }
      expect((await service.api.get('/secret', { token })).status).toBe(resource === 'recant' ? 200 : 401);
    },
  );

  it.each(['/forward-auth/audiences/orders/forward-auth', '/forward-auth?audience=orders', '/forward-auth//orders'])(
    'cannot be chosen by the caller, who says what stands behind the address of the gateway: %s',
    async (path) => {
      expectInvalidToken(await ask(await tokenFor('orders'), path));
      expect((await ask(user.access, path)).status).toBe(200);
    },
  );

  it.each(['nowhere', 'ORDERS', 'orders,recant', 'recant%00', '%20', '__proto__', 'orders%2Fforward-auth'])(
    'that is none of ours lets nobody through: %s',
    async (audience) => {
      expectInvalidToken(await ask(user.access, `/audiences/${audience}/forward-auth`));
    },
  );
});

describe('an audience that was taken out of AUDIENCE', () => {
  it('lets nobody through, though tokens for it live', async () => {
    const recant = await Restartable.create();
    try {
      const { access } = await new Given(await recant.restart({ AUDIENCE: 'recant,old' })).aUser();
      const { api } = await recant.restart({ AUDIENCE: 'recant' });
      for (let i = 0; i < 2; i++) {
        expect((await api.get('/secret', { token: access })).status).toBe(200);
        expectInvalidToken(await api.get('/audiences/old/forward-auth', { token: access }));
      }
    } finally {
      await recant.end();
    }
  });
});
