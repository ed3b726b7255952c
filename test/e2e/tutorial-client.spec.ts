import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPassword, aUsername } from '../support/given.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL. The client is one written for the Flask tutorial: it knows seven paths, sends JSON, calls its
// empty bodies JSON too, and reads `message`, `access_token` and `refresh_token`.
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

interface Reply {
  status: number;
  message: string;
  access_token: string;
  refresh_token: string;
  answer: string;
}

async function call(method: string, path: string, token?: string, data?: object): Promise<Reply> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const body = data && JSON.stringify(data);
  const { status, body: reply } = await service.api.send(method, path, { headers, ...(body && { raw: body }) });
  return { status, ...(reply as Omit<Reply, 'status'>) };
}

async function aRegistered(): Promise<Reply & { username: string }> {
  const username = aUsername();
  return { username, ...(await call('POST', '/registration', undefined, { username, password: aPassword })) };
}

async function anAdministrator(): Promise<string> {
  const { username } = await aRegistered();
  await service.database.run(`UPDATE users SET roles = '{admin}' WHERE username = $1`, [username]);
  return (await call('POST', '/login', undefined, { username, password: aPassword })).access_token;
}

describe('a client of the tutorial', () => {
  it('reads in `message` why it was refused, with a status that is a failure', async () => {
    const { username, access_token: access } = await aRegistered();
    const taken = await call('POST', '/registration', undefined, { username, password: aPassword });
    expect(taken).toMatchObject({ status: 409, message: 'The username is taken.' });
    const wrong = await call('POST', '/login', undefined, { username, password: 'wrong password' });
    expect(wrong).toMatchObject({ status: 401, message: 'Wrong username or password.' });
    const blank = await call('POST', '/login', undefined, { username });
    expect(blank).toMatchObject({ status: 400, message: expect.stringMatching(/\S/) });
    expect(await call('GET', '/secret')).toMatchObject({ status: 401, message: expect.stringMatching(/token/) });
    expect(await call('GET', '/users', access)).toMatchObject({ status: 403, message: expect.stringMatching(/\S/) });
    expect(await call('DELETE', '/users', access)).toMatchObject({ status: 403, message: expect.stringMatching(/\S/) });
  });

  it('registers, reads the secret, refreshes, and logs out of both tokens', async () => {
    const { username, ...registered } = await aRegistered();
    expect(registered).toMatchObject({ status: 201, message: `User ${username} was created` });
    const loggedIn = await call('POST', '/login', undefined, { username, password: aPassword });
    expect(loggedIn).toMatchObject({ status: 200, message: `Logged in as ${username}` });

    const { access_token: access, refresh_token: refresh } = loggedIn;
    expect((await call('GET', '/secret', access)).answer).toBe('You are accessing super secret blueprint');
    const fresh = await call('POST', '/token/refresh', refresh);
    expect((await call('GET', '/secret', fresh.access_token)).status).toBe(200);

    const goneAccess = await call('POST', '/logout/access', access);
    expect(goneAccess).toMatchObject({ status: 200, message: 'Access token has been revoked' });
    expect((await call('GET', '/secret', access)).status).toBe(401);

    // The tutorial's refresh token was never spent: its client keeps the first one.
    const goneRefresh = await call('POST', '/logout/refresh', refresh);
    expect(goneRefresh).toMatchObject({ status: 200, message: 'Refresh token has been revoked' });
    for (const token of [refresh, fresh.refresh_token]) {
      expect((await call('POST', '/token/refresh', token)).status).toBe(401);
    }
    expect((await call('GET', '/secret', registered.access_token)).status).toBe(200);
  });

  it('lists and deletes users as an administrator, its own account excepted', async () => {
    const admin = await anAdministrator();
    const { username, access_token: access } = await aRegistered();
    const { body } = await service.api.get('/users', { token: admin });
    expect((body.users as { username: string }[])[0]!.username).toBe(username);
    const deleted = await call('DELETE', '/users', admin);
    expect(deleted).toMatchObject({ status: 200, message: expect.stringMatching(/^\d+ row\(s\) deleted$/) });
    expect((await call('GET', '/secret', access)).status).toBe(401);
    expect(await call('DELETE', '/users', admin)).toMatchObject({ status: 200, message: '0 row(s) deleted' });
  });
});
