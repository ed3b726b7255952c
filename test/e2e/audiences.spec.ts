import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer } from '../support/api-client.js';
import { aPassword, aUsername, claimsOf } from '../support/given.js';
import { expectInvalidToken, expectProblem, expectWrongFields } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';
import { type Pair, pairsIn } from '../support/tokens.js';

// Real: HTTP, PostgreSQL. Recant itself is the first audience; `orders` is another service.
let service: TestService;

beforeAll(async () => {
  service = await startService({ AUDIENCE: 'recant,orders' });
});
afterAll(() => service.stop());

const ways: [way: string, get: (more: object) => Promise<Answer>][] = [
  ['a registration', (more) => register(aUsername(), more)],
  [
    'a login',
    async (more) => {
      const username = aUsername();
      await register(username, {});
      return service.api.post('/login', { json: { username, password: aPassword, ...more } });
    },
  ],
];

function register(username: string, more: object): Promise<Answer> {
  return service.api.post('/registration', { json: { username, password: aPassword, ...more } });
}

async function pairFor(resource: string): Promise<Pair> {
  return pairsIn(await register(aUsername(), { resource }))[0]!;
}

const audienceOf = (token: string) => claimsOf(token)['aud'];
const refresh = async (token: string) => pairsIn(await service.api.post('/token/refresh', { token }))[0]!;

describe.each(ways)('%s', (_, get) => {
  it.each(['nowhere', 'RECANT', 'recant,orders', 'recant ', 'http://recant.test', '__proto__'])(
    'for a resource that is no audience is invalid_target: "%s"',
    async (resource) => {
      expectProblem(await get({ resource }), 'invalid_target');
      expect(await service.database.run('SELECT FROM sessions WHERE resource IS NOT NULL')).toEqual([]);
    },
  );

  it.each([null, '', 7, ['recant'], { a: 1 }, 'x'.repeat(256)])(
    'for a resource that is none is refused: %j',
    async (resource) => {
      expectWrongFields(await get({ resource }), ['resource']);
    },
  );

  it('without a resource is for every audience, and for one that is named alone', async () => {
    for (const [more, aud] of [
      [{}, ['recant', 'orders']],
      [{ resource: 'recant' }, 'recant'],
      [{ resource: 'orders' }, 'orders'],
    ] as const) {
      const [pair] = pairsIn(await get(more));
      expect(audienceOf(pair!.access)).toEqual(aud);
      // For the issuer alone, whatever the access tokens are for.
      expect(audienceOf(pair!.refresh)).toBe('http://recant.test');
    }
    await service.database.run('DELETE FROM sessions');
  });

  it('takes the resource of a form as well', async () => {
    const form = { username: aUsername(), password: aPassword, resource: 'orders' };
    expect(audienceOf((await service.api.post('/registration', { form })).body.access_token)).toBe('orders');
    await service.database.run('DELETE FROM sessions');
  });
});

describe('a token for another service alone', () => {
  it.each([
    ['GET', '/secret'],
    ['GET', '/users/me'],
    ['DELETE', '/users/me'],
    ['GET', '/sessions'],
    ['GET', '/clients'],
    ['POST', '/logout/access'],
    ['POST', '/logout/all'],
  ])('is refused by Recant itself: %s %s', async (method, path) => {
    const { access } = await pairFor('orders');
    expectInvalidToken(await service.api.send(method, path, { token: access }));
    const forRecant = await pairFor('recant');
    expect((await service.api.send(method, path, { token: forRecant.access })).status).not.toBe(401);
  });

  it('keeps its audience from refresh to refresh, and its session can be ended', async () => {
    const first = await pairFor('orders');
    const second = await refresh(first.refresh);
    const third = await refresh(second.refresh);
    expect([second, third].map(({ access }) => audienceOf(access))).toEqual(['orders', 'orders']);
    expect((await service.api.post('/logout', { token: third.refresh })).status).toBe(200);
    expectInvalidToken(await service.api.post('/token/refresh', { token: third.refresh }));
  });
});

describe('a change of the password', () => {
  it('keeps the audience of the session that it was made in', async () => {
    const { access } = await pairFor('recant');
    const json = { current_password: aPassword, new_password: `${aPassword}!` };
    const answer = await service.api.patch('/users/me/password', { token: access, json });
    expect(answer.status).toBe(200);
    expect(audienceOf(answer.body.access_token)).toBe('recant');
  });
});
