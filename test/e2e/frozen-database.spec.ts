import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/create-app.js';
import { RevocationFeed } from '../../src/tokens/revocation/revocation-feed.service.js';
import { ApiClient } from '../support/api-client.js';
import { cloneDatabase, type TestDatabase } from '../support/database.js';
import { testEnvironment } from '../support/environment.js';
import { type Account, aPassword, aUsername, Given } from '../support/given.js';
import { expectNotReady, expectUnavailable, WITHOUT_DATABASE } from '../support/problem.js';
import { CollectingLogger } from '../support/secrets.js';
import { type TestService } from '../support/service.js';
import { TcpProxy } from '../support/tcp-proxy.js';

// Real: HTTP, PostgreSQL, and a proxy between them that stops to pass anything while every socket stays open.
let service: TestService;
let database: TestDatabase;
let proxy: TcpProxy;
let given: Given;
let user: Account;

beforeAll(async () => {
  database = await cloneDatabase();
  const proxied = await TcpProxy.to(database.url);
  proxy = proxied.proxy;
  const app = await createApp(testEnvironment(), proxied.url, new CollectingLogger());
  await app.listen(0, '127.0.0.1');
  service = { app, api: await ApiClient.for(await app.getUrl()), database, stop: () => app.close() };
  given = new Given(service);
  user = await given.aUser();
});
afterAll(async () => {
  await service.stop();
  await proxy.close();
  await database.drop();
});

describe('a database that has frozen', () => {
  it('is a 503 to every request that needs it, never 200, and all is as before when it thaws', async () => {
    proxy.freeze();
    // Memory is trusted as long as the last proof lasts.
    await expect.poll(() => service.app.get(RevocationFeed).isInSync(), { timeout: 5_000 }).toBe(false);
    const answers = await Promise.all([
      service.api.get('/secret', { token: user.access }),
      service.api.post('/logout', { token: user.refresh }),
      service.api.post('/login', { json: { username: user.username, password: user.password } }),
      service.api.get('/health/ready'),
    ]);
    expectNotReady(answers.pop()!, WITHOUT_DATABASE);
    for (const answer of answers) expectUnavailable(answer);
    expect((await service.api.get('/health/live')).status).toBe(200);

    proxy.thaw();
    await expect
      .poll(async () => (await service.api.get('/secret', { token: user.access })).status, { timeout: 15_000 })
      .toBe(200);
    expect((await service.api.post('/logout', { token: user.refresh })).status).toBe(200);
    expect((await service.api.get('/secret', { token: user.access })).status).toBe(401);
  }, 40_000);

  it('keeps nothing of a transaction that gave up, whoever commits next', async () => {
    const username = aUsername();
    proxy.freezeAfter('INSERT INTO sessions');
    const begun = performance.now();
    expectUnavailable(await service.api.post('/registration', { json: { username, password: aPassword } }));
    // One limit, not a second one for the rollback.
    expect(performance.now() - begun).toBeLessThan(4_500);

    proxy.thaw();
    const stranger = await given.aUser();
    await given.aLogin(stranger.username);
    expect(await database.run('SELECT 1 FROM users WHERE username = $1', [username])).toEqual([]);
    const open = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`;
    expect(await database.run(open)).toEqual([]);
  }, 40_000);
});
