import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { KeyWatch } from '../../src/tokens/keys/key-watch.js';
import { JwsService } from '../../src/tokens/keys/jws.service.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { allowEveryKey, forbidKeyOf } from '../support/forbidden-keys.js';
import { type Account, claimsOf, Given } from '../support/given.js';
import { GivenClients } from '../support/given-clients.js';
import { letKeysAge } from '../support/letting-keys-age.js';
import { caughtUp } from '../support/memory.js';
import { expectInvalidToken, expectProblem, expectUnavailable } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';
import { headerOf, respelt, spellings, withOtherS } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, keys, signatures; how often one is looked at is counted where its key is asked for. Not real:
// the process's clock, in the tests of times alone.
let service: TestService;
let user: Account;
let verified: MockInstance;

beforeAll(async () => {
  service = await startService();
  verified = vi.spyOn(service.app.get(JwsService, { strict: false }), 'verificationKeyOf');
});
afterAll(() => service.stop());
beforeEach(async () => {
  user = await new Given(service).aUser();
});
afterEach(() => vi.useRealTimers());

const secret = (token: string) => service.api.get('/secret', { token });
const tick = (seconds: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 });

async function verifications(act: () => Promise<unknown>): Promise<number> {
  const before = verified.mock.calls.length;
  await act();
  return verified.mock.calls.length - before;
}

/** Sends the token until it is remembered, which is proved by a request that passes without its signature being looked at. */
async function remembered(token = user.access): Promise<string> {
  expect(await verifications(() => secret(token))).toBe(1);
  expect(await verifications(async () => expect((await secret(token)).status).toBe(200))).toBe(0);
  return token;
}

const recordElsewhere = async (level: string, target: unknown, cutoff: number | null = null) => {
  await service.database.run(
    `INSERT INTO revocations (level, target, cutoff, reason, expires_at)
     VALUES ($1, $2, $3, 'elsewhere', now() + interval '1 hour')`,
    [level, target, cutoff],
  );
  await caughtUp(service);
};

describe('a token whose signature was checked before', () => {
  it('passes everywhere without another check, also on another connection, and says the same', async () => {
    const token = await remembered();
    const count = await verifications(async () => {
      expect((await service.api.get('/users/me', { token })).body.id).toBe(user.id);
      const answers = await Promise.all(Array.from({ length: 20 }, () => secret(token)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    });
    expect(count).toBe(0);
  });

  it.each([
    ['the token, here', () => service.api.post('/logout/access', { token: user.access })],
    ['its session, here', () => service.api.post('/logout', { token: user.refresh })],
    ['its user, here', () => service.api.post('/logout/all', { token: user.access })],
    ['the token, elsewhere', () => recordElsewhere('token', claimsOf(user.access).jti)],
    ['its session, elsewhere', () => recordElsewhere('session', claimsOf(user.access).sid)],
    ['its user, elsewhere', () => recordElsewhere('user', user.id, claimsOf(user.access).seq + 1)],
  ])('is refused on the request after the revocation of %s', async (_, revoke) => {
    const token = await remembered();
    await revoke();
    expectInvalidToken(await secret(token));
    expectInvalidToken(await secret(token));
  });

  it('is refused on the request after everything was revoked', async () => {
    const token = await remembered();
    const { access } = await new Given(service).anAdmin();
    const json = { level: 'all', reason: 'test' };
    expect((await service.api.post('/revocations/records', { token: access, json })).status).toBe(201);
    expectInvalidToken(await secret(token));
  });

  it('is refused when it was revoked elsewhere while nobody told this instance, which asks the database then', async () => {
    const token = await remembered();
    const faults = new DatabaseFaults(service.database);
    await faults.takeAway('revocation_counter');
    await faults.cutFeed();
    await service.database.run('ALTER TABLE revocations DISABLE TRIGGER USER');
    await service.database.run(
      `INSERT INTO revocations (level, target, reason, expires_at)
       VALUES ('session', $1, 'elsewhere', now() + interval '1 hour')`,
      [claimsOf(token).sid],
    );
    await service.database.run('ALTER TABLE revocations ENABLE TRIGGER USER');
    await expect.poll(async () => (await secret(token)).status, { interval: 5, timeout: 5_000 }).toBe(401);
    await faults.heal('revocation_counter');
    await caughtUp(service);
  });

  it('is 503 when neither memory nor the database can know whether it is revoked', async () => {
    const token = await remembered();
    const faults = new DatabaseFaults(service.database);
    await faults.goAway();
    try {
      await expect.poll(async () => (await secret(token)).status, { interval: 5, timeout: 5_000 }).toBe(503);
      expectUnavailable(await secret(token));
    } finally {
      await faults.comeBack();
    }
    await caughtUp(service);
    expect((await secret(token)).status).toBe(200);
  });

  it('is refused once it has ended, leeway included, and passes until then', async () => {
    const token = await remembered();
    tick(902);
    expect((await secret(token)).status).toBe(200);
    vi.useRealTimers();
    tick(907);
    expectInvalidToken(await secret(token));
  });

  it('is refused when the clock goes back to before its issue, as one that was never seen', async () => {
    const token = await remembered();
    tick(-60);
    expectInvalidToken(await secret(token));
  });
});

describe('a token that is remembered, and its key', () => {
  const look = () => service.app.get(KeyWatch, { strict: false }).look();
  afterEach(() => allowEveryKey(service));

  it('is refused on the request after this instance was told to forbid it', async () => {
    const token = await remembered();
    const { access } = await new Given(service).anAdmin();
    const path = `/keys/${String(headerOf(token)['kid'])}/forbid`;
    expect((await service.api.post(path, { token: access })).status).toBe(200);
    expectInvalidToken(await secret(token));
  });

  it('is refused when it was forbidden elsewhere', async () => {
    const token = await remembered();
    await forbidKeyOf(token, service);
    expectInvalidToken(await secret(token));
  });

  it('is refused when it is not in the ring any more, whoever took it out', async () => {
    const token = await remembered();
    const [row] = await service.database.run<Record<string, unknown>>(
      'DELETE FROM signing_keys WHERE kid = $1 RETURNING *',
      [headerOf(token)['kid']],
    );
    await look();
    expectInvalidToken(await secret(token));
    await service.database.run('INSERT INTO signing_keys SELECT * FROM json_populate_record(NULL::signing_keys, $1)', [
      JSON.stringify({ ...row, encrypted_key: `\\x${(row!['encrypted_key'] as Buffer).toString('hex')}` }),
    ]);
    await look();
  });

  it('is refused when the end of the retired key has passed, and not before', async () => {
    const token = await remembered();
    const ofKey = async (column: string) => {
      const [row] = await service.database.run<{ at: number }>(
        `SELECT extract(epoch FROM ${column} - now())::float8 AS at FROM signing_keys WHERE kid = $1`,
        [headerOf(token)['kid']],
      );
      return row!.at;
    };
    await letKeysAge(service.database, (await ofKey('retires_at')) + 60);
    await look();
    expect(await verifications(async () => expect((await secret(token)).status).toBe(200))).toBe(0);
    await letKeysAge(service.database, 905);
    await look();
    expectInvalidToken(await secret(token));
  });
});

describe('what is not remembered', () => {
  it.each([...spellings, ['the other s of its signature', withOtherS]] as typeof spellings)(
    'another spelling of a remembered token: %s',
    async (_, respell) => {
      const aToken = async () => (await new Given(service).aLogin(user.username)).access;
      const [token, other] = await respelt(aToken, respell);
      await remembered(token);
      expect(await verifications(() => secret(other))).toBe(1);
    },
  );

  it('a token that Passport refused', async () => {
    const forged = `${user.access.slice(0, -8)}AAAAAAAA`;
    for (let i = 0; i < 3; i++) {
      expect(await verifications(async () => expectInvalidToken(await secret(forged)))).toBe(1);
    }
  });

  it('a token that was revoked before it was seen', async () => {
    await service.api.post('/logout/access', { token: user.access });
    const { access } = await new Given(service).aLogin(user.username);
    await recordElsewhere('token', claimsOf(access).jti);
    for (let i = 0; i < 3; i++) {
      expect(await verifications(async () => expectInvalidToken(await secret(access)))).toBe(1);
    }
  });

  it("a client's token at a route for people", async () => {
    const clients = new GivenClients(service);
    const token = await clients.aToken(await clients.aClient());
    for (let i = 0; i < 3; i++) {
      const answer = () => service.api.get('/users/me', { token });
      expect(await verifications(async () => expectProblem(await answer(), 'insufficient_scope'))).toBe(1);
    }
    await remembered(token);
    expectProblem(await service.api.get('/users/me', { token }), 'insufficient_scope');
  });

  it('a refresh token', async () => {
    for (let i = 0; i < 2; i++) {
      expect(await verifications(() => service.api.post('/token/refresh', { token: user.refresh }))).toBe(1);
    }
  });
});
