import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseFaults } from '../support/database-faults.js';
import { type Account, aPassword, aUsername, Given } from '../support/given.js';
import { inSync } from '../support/memory.js';
import { expectInvalidToken, expectUnavailable } from '../support/problem.js';
import { RevocationFeed } from '../../src/tokens/revocation/revocation-feed.service.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL, and its refusals: a table that is gone or locked, connections that are cut.
let service: TestService;
let given: Given;
let faults: DatabaseFaults;
let admin: Account;

beforeAll(async () => {
  // Longer than the machine can be busy with something else: when memory is trusted, the tests say.
  service = await startService({ REVOCATION_STALENESS_MS: '10000' });
  given = new Given(service);
  faults = new DatabaseFaults(service.database);
  admin = await given.anAdmin();
});
afterAll(() => service.stop());
beforeEach(() => inSync(service));
afterEach(async () => {
  for (const table of ['revocations', 'sessions', 'users']) await faults.heal(table);
});

/** Nothing can be read into memory at the moment, so it is not trusted from here on. */
async function forget(): Promise<void> {
  await faults.cutFeed();
  await expect.poll(() => service.app.get(RevocationFeed).isInSync(), { interval: 5 }).toBe(false);
}

const secret = (token: string) => service.api.get('/secret', { token });

describe('a database that refuses', () => {
  it('is 503 where a session cannot be written, and nothing is spent or made', async () => {
    const user = await given.aUser();
    const username = aUsername();
    await faults.refuseWrites('sessions', 'INSERT OR UPDATE');
    expectUnavailable(await service.api.post('/token/refresh', { token: user.refresh }));
    expectUnavailable(await service.api.post('/login', { json: { username: user.username, password: aPassword } }));
    expectUnavailable(await service.api.post('/registration', { json: { username, password: aPassword } }));
    await faults.heal('sessions');
    expect((await service.api.post('/token/refresh', { token: user.refresh })).status).toBe(200);
    expect((await given.aUser(username)).username).toBe(username);
  });

  it('is 503 on every guarded route when the revocations cannot be read, never 200', async () => {
    const user = await given.aUser();
    await faults.takeAway('revocations');
    // Memory is known to be complete, and goes on; until it is not.
    expect((await secret(user.access)).status).toBe(200);
    await forget();
    for (const path of ['/secret', '/users/me']) expectUnavailable(await service.api.get(path, { token: user.access }));
    expectUnavailable(await service.api.get('/users', { token: admin.access }));
    for (const path of ['/token/refresh', '/logout/refresh']) {
      expectUnavailable(await service.api.post(path, { token: user.refresh }));
    }
    for (const path of ['/logout/access', '/logout']) {
      expectUnavailable(await service.api.post(path, { token: user.access }));
    }
    await faults.heal('revocations');
    expect((await secret(user.access)).status).toBe(200);
    expect((await service.api.post('/token/refresh', { token: user.refresh })).status).toBe(200);
  });

  it('leaves a revoked token refused, or unanswered, while the revocations cannot be read', async () => {
    const user = await given.aUser();
    await service.api.post('/logout', { token: user.access });
    await faults.takeAway('revocations');
    expectInvalidToken(await secret(user.access));
    await forget();
    expectUnavailable(await secret(user.access));
    await faults.heal('revocations');
    expectInvalidToken(await secret(user.access));
  });

  it('is 401 for a token that is no good, without asking it', async () => {
    await faults.takeAway('revocations');
    expectInvalidToken(await secret('A.B.C'));
  });

  it.each(['users', 'sessions'])('is 503 when the %s cannot be read', async (table) => {
    const user = await given.aUser();
    await faults.takeAway(table);
    expectUnavailable(await service.api.post('/login', { json: { username: user.username, password: aPassword } }));
    expectUnavailable(await service.api.post('/token/refresh', { token: user.refresh }));
    await faults.heal(table);
    expect((await service.api.post('/token/refresh', { token: user.refresh })).status).toBe(200);
  });

  it('is 503 within seconds when the revocations are locked and do not answer, never 200', async () => {
    const user = await given.aUser();
    const blocker = new Client({ connectionString: service.database.url });
    await blocker.connect();
    await blocker.query('BEGIN; LOCK TABLE revocations IN ACCESS EXCLUSIVE MODE');
    await forget();
    try {
      const answers = await Promise.all([
        secret(user.access),
        service.api.post('/logout/access', { token: user.access }),
        service.api.post('/token/refresh', { token: user.refresh }),
      ]);
      for (const answer of answers) expectUnavailable(answer);
    } finally {
      await blocker.end();
    }
    expect((await secret(user.access)).status).toBe(200);
  });

  it('may cut every connection: the next answers are right or 503, and then all is as before', async () => {
    const user = await given.aUser();
    const revoked = await given.aUser();
    await service.api.post('/logout', { token: revoked.access });
    await faults.cutConnections();
    for (let request = 0; request < 20; request++) {
      expect([200, 503]).toContain((await secret(user.access)).status);
      expect([401, 503]).toContain((await secret(revoked.access)).status);
    }
    expect((await secret(user.access)).status).toBe(200);
  });
});
