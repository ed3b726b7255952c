import { calculateJwkThumbprint, createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KeyWatch } from '../../src/tokens/keys/key-watch.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { type Account, Given } from '../support/given.js';
import { expectInvalidToken, expectProblem, expectUnavailable } from '../support/problem.js';
import { letKeysAge } from '../support/letting-keys-age.js';
import { startService, type TestService } from '../support/service.js';
import { headerOf } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, keys. Time is moved in the database, whose clock alone says what a key is used for.
let service: TestService;
let given: Given;
let admin: Account;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
});
afterAll(() => service.stop());
beforeEach(async () => {
  admin = await given.anAdmin();
});

interface Listed {
  kid: string;
  purpose: string;
  status: string;
  created_at: string;
  activates_at: string | null;
  retires_at: string | null;
  expires_at: string | null;
}

async function ring(): Promise<Listed[]> {
  const { body } = await service.api.get('/keys', { token: admin.access });
  return body.keys;
}

async function keyThatIs(status: string, purpose = 'access'): Promise<Listed> {
  const found = (await ring()).filter((key) => key.status === status && key.purpose === purpose);
  expect(found).toHaveLength(1);
  return found[0]!;
}

const published = async (): Promise<string[]> =>
  (await service.api.get('/.well-known/jwks.json')).body.keys.map(({ kid }: { kid: string }) => kid);

const rotate = () => service.api.post('/keys/rotate', { token: admin.access });
const forbid = (kid: string) => service.api.post(`/keys/${kid}/forbid`, { token: admin.access });
const kidOf = (token: string) => headerOf(token)['kid'];

/** As if so much time had passed for the keys, and nothing else; the service is told to look at once. */
async function pass(seconds: number): Promise<void> {
  await letKeysAge(service.database, seconds);
  await service.app.get(KeyWatch).look();
}

/** The next keys are old enough to sign, whatever tests before this one did to them, and will not by themselves soon. */
async function settle(): Promise<void> {
  await pass(600);
  await pass(600);
}

const day = 24 * 60 * 60;

describe('the key ring', () => {
  it('has a key that signs and one that will, for each kind of token, named by thumbprint where it is public', async () => {
    expect((await ring()).map(({ purpose, status }) => `${purpose} ${status}`).toSorted()).toEqual([
      'access current',
      'access next',
      'refresh current',
      'refresh next',
    ]);
    const { body } = await service.api.get('/.well-known/jwks.json');
    for (const key of body.keys) expect(await calculateJwkThumbprint(key)).toBe(key.kid);
    expect(body.keys.map(({ kid }: Listed) => kid).toSorted()).toEqual(
      [(await keyThatIs('current')).kid, (await keyThatIs('next')).kid].toSorted(),
    );
  });

  it('is for administrators', async () => {
    const { access: token } = await given.aUser();
    for (const answer of [
      await service.api.get('/keys', { token }),
      await service.api.post('/keys/rotate', { token }),
      await service.api.post('/keys/any/forbid', { token }),
    ]) {
      expectProblem(answer, 'insufficient_scope');
    }
  });

  it('rotates by itself after thirty days, once, and what the old key has signed stays valid', async () => {
    const [current, next] = [await keyThatIs('current'), await keyThatIs('next')];
    expect(Date.parse(next.activates_at!) - Date.parse(current.activates_at!)).toBe(30 * day * 1000);
    const old = await given.aUser();
    await pass(30 * day - 60);
    expect(kidOf((await given.aUser()).access)).toBe(current.kid);
    await pass(120);
    expect(kidOf((await given.aUser()).access)).toBe(next.kid);
    expect(await keyThatIs('retired')).toMatchObject({ kid: current.kid, retires_at: expect.any(String) });
    expect((await service.api.get('/secret', { token: old.access })).status).toBe(200);
    expect((await service.api.post('/token/refresh', { token: old.refresh })).status).toBe(200);
    expect(await published()).toEqual([current.kid, next.kid, (await keyThatIs('next')).kid]);
  });

  it('publishes a retired key until the last token it can have signed has expired, leeway included', async () => {
    const { kid, retires_at, expires_at } = await keyThatIs('current');
    expect(Date.parse(expires_at!) - Date.parse(retires_at!)).toBe((900 + 5) * 1000);
    const secondsLeft = (Date.parse(retires_at!) - Date.now()) / 1000;
    await pass(secondsLeft + 905 - 30);
    expect(await published()).toContain(kid);
    await pass(60);
    expect(await published()).not.toContain(kid);
    expect(await service.database.run('SELECT FROM signing_keys WHERE kid = $1', [kid])).toEqual([]);
  });
});

describe('POST /keys/rotate', () => {
  it('waits until the next key has been published as long as verifiers may not look, and says until when', async () => {
    // Fresh keys: whatever other tests did is a while ago.
    await forbid((await keyThatIs('next')).kid);
    const [current, next] = [await keyThatIs('current'), await keyThatIs('next')];
    const answer = await rotate();
    expect(answer.status).toBe(200);
    const { activates_at } = answer.body.keys.find(({ kid }: Listed) => kid === next.kid);
    expect(Date.parse(activates_at) - Date.parse(next.created_at)).toBe(300_000);
    expect(kidOf((await given.aUser()).access)).toBe(current.kid);
    expect((await rotate()).body.keys.find(({ kid }: Listed) => kid === next.kid).activates_at).toBe(activates_at);
    await pass(301);
    expect(kidOf((await given.aUser()).access)).toBe(next.kid);
  });

  it('of ten at once rotates once, when the next key is old enough, and at once', async () => {
    await settle();
    const [current, next] = [await keyThatIs('current'), await keyThatIs('next')];
    const old = await given.aUser();
    const answers = await Promise.all(Array.from({ length: 10 }, rotate));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect((await keyThatIs('current')).kid).toBe(next.kid);
    expect((await keyThatIs('next')).kid).not.toBe(next.kid);
    expect(kidOf((await given.aUser()).access)).toBe(next.kid);
    expect(await published()).toContain(current.kid);
    expect((await service.api.get('/secret', { token: old.access })).status).toBe(200);
    // Verifiers that read the set before the rotation know the new key already.
    const { body } = await service.api.get('/.well-known/jwks.json');
    await jwtVerify((await given.aUser()).access, createLocalJWKSet(body));
  });

  it('keeps the chain: a retry across a rotation gets the identical successor', async () => {
    const { refresh } = await given.aUser();
    const first = await service.api.post('/token/refresh', { token: refresh });
    await settle();
    const before = await keyThatIs('current', 'refresh');
    expect((await rotate()).status).toBe(200);
    expect((await keyThatIs('current', 'refresh')).kid).not.toBe(before.kid);
    const again = await service.api.post('/token/refresh', { token: refresh });
    expect(again.body.refresh_token).toBe(first.body.refresh_token);
    expect((await service.api.post('/token/refresh', { token: again.body.refresh_token })).status).toBe(200);
  });

  it('is 503 when it cannot be stored, and the ring is as it was', async () => {
    const faults = new DatabaseFaults(service.database);
    await settle();
    const living = async () => (await ring()).filter(({ status }) => status === 'current' || status === 'next');
    const before = await living();
    await faults.refuseWrites('signing_keys');
    expectUnavailable(await rotate());
    expectUnavailable(await forbid(before[0]!.kid));
    await faults.heal('signing_keys');
    expect(await living()).toEqual(before);
  });
});

describe('POST /keys/:kid/forbid', () => {
  it('is 404 for a key that is not in the ring', async () => {
    for (const kid of ['nobody', '%00', '..%2F', 'x'.repeat(100)]) {
      const answer = await forbid(kid);
      expect({ kid, status: answer.status }).toEqual({ kid, status: 404 });
    }
  });

  it('ends everything that the key has signed, publishes it no more, and lets the next key take over at once', async () => {
    const [current, next] = [await keyThatIs('current'), await keyThatIs('next')];
    const [user, client] = [await given.aUser(), await given.anAdmin()];
    admin = await given.anAdmin();
    expect((await forbid(current.kid)).status).toBe(200);
    for (const { access } of [user, client, admin]) {
      expectInvalidToken(await service.api.get('/secret', { token: access }));
    }
    expect(await published()).not.toContain(current.kid);
    // The sessions live: their refresh tokens have another key.
    const refreshed = await service.api.post('/token/refresh', { token: user.refresh });
    expect(kidOf(refreshed.body.access_token)).toBe(next.kid);
    expect((await service.api.get('/secret', { token: refreshed.body.access_token })).status).toBe(200);
    admin = await given.aLogin(admin.username);
    expect((await keyThatIs('next')).kid).not.toBe(next.kid);
    expect((await ring()).find(({ kid }) => kid === current.kid)?.status).toBe('forbidden');
  });

  it('of a refresh key ends every session that has its token, retries too, and no access token', async () => {
    const current = await keyThatIs('current', 'refresh');
    const user = await given.aUser();
    const spent = await given.aUser();
    const successor = await service.api.post('/token/refresh', { token: spent.refresh });
    await forbid(current.kid);
    for (const token of [user.refresh, spent.refresh, successor.body.refresh_token]) {
      expectInvalidToken(await service.api.post('/token/refresh', { token }));
    }
    expect((await service.api.get('/secret', { token: user.access })).status).toBe(200);
    const again = await given.aLogin(user.username);
    expect((await service.api.post('/token/refresh', { token: again.refresh })).status).toBe(200);
  });

  it('of ten at once leaves one key that signs and one that will, and may be repeated', async () => {
    const { kid } = await keyThatIs('next');
    const answers = await Promise.all(Array.from({ length: 10 }, () => forbid(kid)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await keyThatIs('current');
    expect((await keyThatIs('next')).kid).not.toBe(kid);
  });
});
