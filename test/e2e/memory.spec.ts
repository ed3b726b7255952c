import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RevocationFeed } from '../../src/tokens/revocation/revocation-feed.service.js';
import { RevocationQuestions } from '../../src/tokens/revocation/revocation-questions.js';
import { cloneDatabase } from '../support/database.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { type Account, claimsOf, Given } from '../support/given.js';
import { recordElsewhere } from '../support/memory.js';
import { expectInvalidToken, expectUnavailable } from '../support/problem.js';
import { startServiceOn, type TestService } from '../support/service.js';
import { TcpProxy } from '../support/tcp-proxy.js';

// Real: HTTP, PostgreSQL, LISTEN and NOTIFY, behind a proxy that can keep them back. What is looked at is which of the two answers: memory or the database.
let service: TestService;
let feed: RevocationFeed;
let faults: DatabaseFaults;
let proxy: TcpProxy;
let user: Account;

beforeAll(async () => {
  const database = await cloneDatabase();
  const { proxy: between, url } = await TcpProxy.to(database.url);
  proxy = between;
  service = await startServiceOn(database, {
    DATABASE_URL: database.url,
    DATABASE_LISTEN_URL: url,
    // Longer than a test takes: it is to be memory that answers while nothing is heard.
    REVOCATION_STALENESS_MS: '10000',
  });
  feed = service.app.get(RevocationFeed);
  faults = new DatabaseFaults(service.database);
});
afterAll(async () => {
  await service.stop();
  await proxy.close();
});
beforeEach(async () => {
  user = await new Given(service).aUser();
});

afterEach(async () => {
  vi.restoreAllMocks();
  proxy.thaw();
  await faults.heal('revocation_counter');
});

const secret = ({ access }: Account) => service.api.get('/secret', { token: access });
const isInSync = async (expected: boolean): Promise<void> => {
  await expect.poll(() => feed.isInSync(), { interval: 5, timeout: 10_000 }).toBe(expected);
};

describe('in sync', () => {
  it('memory answers, and the database is not asked', async () => {
    const asked = vi.spyOn(service.app.get(DataSource), 'query');
    const questions = vi.spyOn(service.app.get(RevocationQuestions), 'ask');
    await isInSync(true);
    for (let i = 0; i < 5; i++) expect((await secret(user)).status).toBe(200);
    expect(questions).not.toHaveBeenCalled();
    // Twice a second the instance looks at its keys, and now and then it speaks to itself.
    expect(asked.mock.calls.filter(([sql]) => /FROM revocations/.test(sql))).toEqual([]);
  });

  it('what this instance has revoked it refuses on the next request, before the database has told it', async () => {
    await isInSync(true);
    const questions = vi.spyOn(service.app.get(RevocationQuestions), 'ask');
    proxy.freeze();
    expect((await service.api.post('/logout', { token: user.access })).status).toBe(200);
    expectInvalidToken(await secret(user));
    expect(questions).not.toHaveBeenCalled();
  });

  it.each(['token', 'session', 'user'])(
    'a %s that was revoked elsewhere is refused when the feed has told it',
    async (level) => {
      await isInSync(true);
      const { jti, sid, sub, seq } = claimsOf(user.access);
      const told = new Promise((resolve) => feed.events.once('record', resolve));
      await recordElsewhere(
        service.database,
        level,
        { token: jti, session: sid, user: sub }[level]!,
        level === 'user' ? seq + 1 : null,
      );
      expect(await told).toMatchObject({ level });
      expectInvalidToken(await secret(user));
    },
  );
});

describe('out of sync', () => {
  it('a token that was revoked elsewhere meanwhile is refused, and memory has it when it answers again', async () => {
    await faults.takeAway('revocation_counter');
    await faults.cutFeed();
    await isInSync(false);
    expect((await secret(user)).status).toBe(200);
    // Without being announced: nothing that announces has a number to give meanwhile.
    await service.database.run('ALTER TABLE revocations DISABLE TRIGGER USER');
    await recordElsewhere(service.database, 'session', claimsOf(user.access).sid);
    await service.database.run('ALTER TABLE revocations ENABLE TRIGGER USER');
    expectInvalidToken(await secret(user));
    await faults.heal('revocation_counter');
    await isInSync(true);
    const questions = vi.spyOn(service.app.get(RevocationQuestions), 'ask');
    expectInvalidToken(await secret(user));
    expect(questions).not.toHaveBeenCalled();
  });

  it('and without an answer of the database it is 503, and as before when it is back', async () => {
    await faults.goAway();
    await isInSync(false);
    expectUnavailable(await secret(user));
    await faults.comeBack();
    expect((await secret(user)).status).toBe(200);
    await isInSync(true);
  });
});
