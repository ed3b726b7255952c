import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, claimsOf, Given } from '../support/given.js';
import { expectInvalidToken, expectProblem } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf, type Pair, pairsIn, spellings, tampered, withOtherS } from '../support/tokens.js';

// Real: HTTP, PostgreSQL. Every user has a second session, which no logout but its own may touch.
let service: TestService;
let given: Given;
let user: Account;
let elsewhere: Account;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
});
afterAll(() => service.stop());
beforeEach(async () => {
  user = await given.aUser();
  elsewhere = await given.aLogin(user.username);
});

const logout = (path: string, token: string) => service.api.post(path, { token });
const refresh = (token: string) => service.api.post('/token/refresh', { token });
const secretStatus = async (token: string) => (await service.api.get('/secret', { token })).status;
const refreshed = async (token: string): Promise<Pair> => pairsIn(await refresh(token))[0]!;
const ACCESS_GONE = 'Access token has been revoked';
const REFRESH_GONE = 'Refresh token has been revoked';

async function expectSessionEnded(...pairs: Pair[]): Promise<void> {
  expect(await aliveOf(service.api, pairs)).toEqual([]);
  expect(await secretStatus(elsewhere.access)).toBe(200);
  expect((await refresh(elsewhere.refresh)).status).toBe(200);
}

describe.each(['/logout/access', '/logout/refresh', '/logout'])('POST %s', (path) => {
  it('refuses a request without a token', async () => {
    const answer = await service.api.post(path);
    expectProblem(answer, 'missing_token');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('verifies a token before it acts on it', async () => {
    for (const token of [user.access, user.refresh]) {
      expectInvalidToken(await logout(path, tampered(token, { claims: { sid: claimsOf(elsewhere.access).sid } })));
    }
    expect(await secretStatus(elsewhere.access)).toBe(200);
    expect(await secretStatus(user.access)).toBe(200);
  });

  it('refuses a token the second time', async () => {
    const token = path === '/logout/refresh' ? user.refresh : user.access;
    expect((await logout(path, token)).status).toBe(200);
    expectInvalidToken(await logout(path, token));
  });

  it.each<[string, { raw?: string; headers?: Record<string, string> }]>([
    ['no body', {}],
    ['an empty body that calls itself JSON', { raw: '', headers: { 'content-type': 'application/json' } }],
    ['no body that calls itself JSON', { headers: { 'content-type': 'application/json' } }],
    ['an empty form', { raw: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['an empty object', { raw: '{}', headers: { 'content-type': 'application/json' } }],
  ])('takes %s', async (_, body) => {
    const token = path === '/logout/refresh' ? user.refresh : user.access;
    const answer = await service.api.post(path, { token, ...body });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expectInvalidToken(await logout(path, token));
  });

  it('lets one of twenty at once answer for all, and none fails', async () => {
    const token = path === '/logout/refresh' ? user.refresh : user.access;
    const answers = await Promise.all(Array.from({ length: 20 }, () => logout(path, token)));
    const statuses = new Set(answers.map(({ status }) => status));
    expect(statuses.has(200)).toBe(true);
    expect([...statuses].filter((status) => status !== 200 && status !== 401)).toEqual([]);
    expectInvalidToken(await logout(path, token));
  });
});

describe('POST /logout/access', () => {
  it('refuses a refresh token, and nothing is revoked', async () => {
    expectInvalidToken(await logout('/logout/access', user.refresh));
    expect((await refresh(user.refresh)).status).toBe(200);
    expect(await secretStatus(user.access)).toBe(200);
  });

  it('revokes that token alone', async () => {
    const { access: second, refresh: next } = await refreshed(user.refresh);
    expect((await logout('/logout/access', user.access)).body).toEqual({ message: ACCESS_GONE });
    expect(await secretStatus(user.access)).toBe(401);
    expect(await secretStatus(second)).toBe(200);
    expect((await refresh(next)).status).toBe(200);
  });
});

describe('POST /logout/refresh', () => {
  it('refuses an access token, and nothing is revoked', async () => {
    expectInvalidToken(await logout('/logout/refresh', user.access));
    expect(await secretStatus(user.access)).toBe(200);
    expect((await refresh(user.refresh)).status).toBe(200);
  });

  it('ends the session, its access tokens included', async () => {
    expect((await logout('/logout/refresh', user.refresh)).body).toEqual({ message: REFRESH_GONE });
    await expectSessionEnded(user);
  });

  it('ends the session for a refresh token spent just now', async () => {
    const second = await refreshed(user.refresh);
    expect((await logout('/logout/refresh', user.refresh)).body).toEqual({ message: REFRESH_GONE });
    await expectSessionEnded(user, second);
  });

  it('ends the session for a refresh token spent long ago', async () => {
    const second = await refreshed(user.refresh);
    const third = await refreshed(second.refresh);
    expect((await logout('/logout/refresh', user.refresh)).body).toEqual({ message: REFRESH_GONE });
    await expectSessionEnded(user, second, third);
  });

  it.each(spellings)('leaves a revoked refresh token revoked with %s', async (_, respell) => {
    await logout('/logout/refresh', user.refresh);
    const headers = { authorization: `Bearer ${respell(user.refresh)}` };
    expectInvalidToken(await service.api.post('/token/refresh', { headers }));
    expectInvalidToken(await service.api.post('/logout/refresh', { headers }));
  });
});

describe('POST /logout', () => {
  const ways: [which: string, tokenOf: (account: Account) => string][] = [
    ['the access token', ({ access }) => access],
    ['the refresh token', ({ refresh: token }) => token],
    ['the access token with its other s', ({ access }) => withOtherS(access)],
  ];

  it.each(ways)('ends the session and everything issued in it: with %s', async (_, tokenOf) => {
    const second = await refreshed(user.refresh);
    const answer = await logout('/logout', tokenOf(user));
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ message: expect.stringMatching(/\S/) });
    await expectSessionEnded(user, second);
  });

  it('refuses the access token that another logout revoked, also for its session', async () => {
    await logout('/logout/access', user.access);
    expectInvalidToken(await logout('/logout', user.access));
    expect((await refresh(user.refresh)).status).toBe(200);
  });
});
