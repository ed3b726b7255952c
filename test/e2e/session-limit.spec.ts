import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPassword, aUsername, claimsOf, Given } from '../support/given.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, argon2.
let service: TestService;
let given: Given;

beforeAll(async () => {
  service = await startService({ SESSIONS_PER_USER: '2', SESSION_IDLE_SECONDS: '60' });
  given = new Given(service);
});
afterAll(() => service.stop());

describe('a login beyond the number of sessions that a user may have', () => {
  it('ends the oldest one, and none of another user', async () => {
    const stranger = await given.aUser();
    const oldest = await given.aUser();
    const others = [await given.aLogin(oldest.username), await given.aLogin(oldest.username)];
    expect(await aliveOf(service.api, [oldest])).toEqual([]);
    expect(await aliveOf(service.api, [...others, stranger])).toHaveLength(6);
  });

  it('ends also what logins at once have left over', async () => {
    const { username } = await given.aUser();
    await Promise.all(Array.from({ length: 6 }, () => given.aLogin(username)));
    const { access: token } = await given.aLogin(username);
    const { body } = await service.api.get('/sessions', { token });
    expect(body.sessions).toHaveLength(2);
  });
});

describe('an access token', () => {
  it('never outlives its session, which could not be ended any more', async () => {
    const json = { username: aUsername(), password: aPassword };
    const { body } = await service.api.post('/registration', { json });
    expect(body.expires_in).toBe(60);
    expect(claimsOf(body.access_token)['exp']).toBe(claimsOf(body.refresh_token)['exp']);
  });
});
