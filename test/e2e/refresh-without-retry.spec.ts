import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Given } from '../support/given.js';
import { expectInvalidToken } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf, pairsIn } from '../support/tokens.js';

// Real: HTTP, PostgreSQL.
let service: TestService;
let given: Given;

beforeAll(async () => {
  service = await startService({ REFRESH_RETRY_WINDOW_SECONDS: '0' });
  given = new Given(service);
});
afterAll(() => service.stop());

const refresh = (token: string) => service.api.post('/token/refresh', { token });

describe('POST /token/refresh with a retry window of 0', () => {
  it('takes a second use for reuse and ends that session, and only that one', async () => {
    const user = await given.aUser();
    const elsewhere = await given.aLogin(user.username);
    const first = await refresh(user.refresh);
    expect(first.status).toBe(200);
    expectInvalidToken(await refresh(user.refresh));
    expect(await aliveOf(service.api, [user, ...pairsIn(first)])).toEqual([]);
    expect((await refresh(elsewhere.refresh)).status).toBe(200);
  });

  it('lets at most one of fifty at once win, and then ends the session, the winner’s pair included', async () => {
    const user = await given.aUser();
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(user.refresh)));
    const winners = pairsIn(...answers);
    expect(winners.length).toBeLessThanOrEqual(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) expectInvalidToken(answer);
    expect(await aliveOf(service.api, [user, ...winners])).toEqual([]);
  });

  it('lets a chain go on as long as each token is spent once', async () => {
    let { refresh: token } = await given.aUser();
    for (let generation = 2; generation <= 5; generation++) {
      const [pair] = pairsIn(await refresh(token));
      expect((await service.api.get('/secret', { token: pair!.access })).status).toBe(200);
      token = pair!.refresh;
    }
  });
});
