import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, claimsOf, Given } from '../support/given.js';
import { expectInvalidToken, expectProblem } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf, headerOf, type Pair, pairsIn, spellings } from '../support/tokens.js';

// Real: HTTP, PostgreSQL. Time passes by moving the times of the session's row.
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

const refresh = (token: string) => service.api.post('/token/refresh', { token });
const secret = (token: string) => service.api.get('/secret', { token });

async function refreshed(token: string): Promise<Pair> {
  const answer = await refresh(token);
  expect(answer.status).toBe(200);
  return pairsIn(answer)[0]!;
}

interface SessionRow {
  generation: number;
  rotated_at: Date;
  expires_at: Date;
  revoked_at: Date | null;
}

async function sessionOf(token: string): Promise<SessionRow> {
  const [row] = await service.database.run<SessionRow>('SELECT * FROM sessions WHERE id = $1', [claimsOf(token).sid]);
  return row!;
}

function age(token: string, column: string, interval: string): Promise<unknown> {
  const sql = `UPDATE sessions SET ${column} = ${column} - $1::interval WHERE id = $2`;
  return service.database.run(sql, [interval, claimsOf(token).sid]);
}

async function expectOnlyThisSessionEnded(pairs: Pair[]): Promise<void> {
  expect(await aliveOf(service.api, [user, ...pairs])).toEqual([]);
  expect((await sessionOf(user.refresh)).revoked_at).not.toBeNull();
  expect((await secret(elsewhere.access)).status).toBe(200);
  expect((await refresh(elsewhere.refresh)).status).toBe(200);
}

describe('POST /token/refresh', () => {
  it('refuses a request without a token', async () => {
    const answer = await service.api.post('/token/refresh');
    expectProblem(answer, 'missing_token');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('refuses an access token, and the refresh token stays unspent', async () => {
    expectInvalidToken(await refresh(user.access));
    expect((await sessionOf(user.refresh)).generation).toBe(1);
  });

  it('takes the token from the Authorization header alone', async () => {
    const json = { refresh_token: user.refresh };
    expectProblem(await service.api.post('/token/refresh', { json }), 'missing_token');
    expect((await sessionOf(user.refresh)).generation).toBe(1);
  });

  it('answers a new pair of the same session, and the older access token lives on', async () => {
    const answer = await refresh(user.refresh);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 900, refresh_expires_in: 1_209_600 });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const [pair] = pairsIn(answer);
    const [before, after] = [claimsOf(user.refresh), claimsOf(pair!.refresh)];
    expect(after).toMatchObject({ sid: before.sid, sub: before.sub, auth_time: before['auth_time'], generation: 2 });
    expect(after.jti).not.toBe(before.jti);
    expect(headerOf(pair!.refresh)).toMatchObject({ alg: 'HS256', typ: 'rt+jwt' });
    expect(after['aud']).not.toBe(claimsOf(user.access)['aud']);
    expect((await secret(pair!.access)).status).toBe(200);
    expect((await secret(user.access)).status).toBe(200);
  });

  it('never says more than the session has left to live', async () => {
    await service.database.run(`UPDATE sessions SET expires_at = now() + interval '1 minute' WHERE id = $1`, [
      claimsOf(user.refresh).sid,
    ]);
    const answer = await refresh(user.refresh);
    expect(answer.body.refresh_expires_in).toBeLessThanOrEqual(60);
    const { exp } = claimsOf(answer.body.refresh_token as string) as unknown as { exp: number };
    expect(exp).toBeLessThanOrEqual((await sessionOf(user.refresh)).expires_at.getTime() / 1_000);
  });

  it.each([
    ['that was idle for too long', ['idle_expires_at']],
    ['whose life is over', ['idle_expires_at', 'expires_at']],
  ])('refuses a session %s', async (_, columns) => {
    for (const column of columns) await age(user.refresh, column, '60 days');
    expectInvalidToken(await refresh(user.refresh));
  });
});

describe('a spent refresh token that comes back', () => {
  it('gets the very same successor inside the window, with a new access token', async () => {
    const first = await refreshed(user.refresh);
    const rotatedAt = (await sessionOf(user.refresh)).rotated_at;
    const again = await refreshed(user.refresh);
    expect(again.refresh).toBe(first.refresh);
    expect(claimsOf(again.access).jti).not.toBe(claimsOf(first.access).jti);
    expect(await sessionOf(user.refresh)).toMatchObject({ generation: 2, rotated_at: rotatedAt, revoked_at: null });
    await refreshed(first.refresh);
  });

  it('gets the same text also seconds later, and however often it asks', async () => {
    const first = await refreshed(user.refresh);
    await age(user.refresh, 'rotated_at', '5 seconds');
    const { refresh: second } = await refreshed(user.refresh);
    expect((await refreshed(user.refresh)).refresh).toBe(second);
    // The row was moved back five seconds, so what it mints says so; all else is the first answer's.
    expect({ ...claimsOf(second), iat: 0, exp: 0 }).toEqual({ ...claimsOf(first.refresh), iat: 0, exp: 0 });
  });

  it('ends that session, and only that one, outside the window', async () => {
    const successor = await refreshed(user.refresh);
    await age(user.refresh, 'rotated_at', '11 seconds');
    expectInvalidToken(await refresh(user.refresh));
    await expectOnlyThisSessionEnded([successor]);
  });

  it('ends that session, and only that one, after its successor was used, also inside the window', async () => {
    const second = await refreshed(user.refresh);
    const third = await refreshed(second.refresh);
    expectInvalidToken(await refresh(user.refresh));
    await expectOnlyThisSessionEnded([second, third]);
  });

  it('ends the access tokens of that session at once', async () => {
    const second = await refreshed(user.refresh);
    const third = await refreshed(second.refresh);
    await refresh(user.refresh);
    for (const { access } of [user, second, third]) expectInvalidToken(await secret(access));
  });

  it.each(spellings)('is refused with %s, or taken for the token it is', async (_, respell) => {
    const respelled = respell(user.refresh);
    const answer = await service.api.post('/token/refresh', { headers: { authorization: `Bearer ${respelled}` } });
    const { generation } = await sessionOf(user.refresh);
    expect({ status: answer.status, generation }).toEqual(
      answer.status === 200 ? { status: 200, generation: 2 } : { status: 401, generation: 1 },
    );
    await refreshed(user.refresh);
    expect((await sessionOf(user.refresh)).generation).toBe(2);
  });
});

describe('fifty refreshes with one token at once', () => {
  it('leave exactly one living chain', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(user.refresh)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
    const pairs = pairsIn(...answers);
    expect(new Set(pairs.map((pair) => pair.refresh)).size).toBe(1);
    expect(new Set(pairs.map((pair) => claimsOf(pair.access).jti)).size).toBe(50);
    expect(await sessionOf(user.refresh)).toMatchObject({ generation: 2, revoked_at: null });
    const next = await refreshed(pairs[0]!.refresh);
    expect((await secret(next.access)).status).toBe(200);
  });
});
