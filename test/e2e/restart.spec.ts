import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimsOf, Given } from '../support/given.js';
import { expectInvalidToken } from '../support/problem.js';
import { Restartable } from '../support/restartable.js';
import { aliveOf } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, and the service, stopped and started again on the same database. The process stays.
let recant: Restartable;

beforeEach(async () => {
  recant = await Restartable.create();
});
afterEach(() => recant.end());

describe('a restart', () => {
  it.each<[string, Record<string, string>]>([
    ['ISSUER', { ISSUER: 'http://another.test' }],
    ['AUDIENCE', { AUDIENCE: 'another' }],
  ])('under another %s ends every access token', async (_, variables) => {
    const { access } = await new Given(await recant.restart()).aUser();
    const { api } = await recant.restart(variables);
    expectInvalidToken(await api.get('/secret', { token: access }));
  });

  it('under another secret says so at once, and makes no new keys', async () => {
    await recant.restart();
    const before = await recant.database.run('SELECT * FROM signing_keys');
    await expect(recant.restart({ ENCRYPTION_SECRET: randomBytes(32).toString('base64') })).rejects.toThrow(
      /ENCRYPTION_SECRET/,
    );
    expect(await recant.database.run('SELECT * FROM signing_keys')).toEqual(before);
  });

  it('revives nothing: a token, a session, a user’s tokens that were ended stay ended', async () => {
    const service = await recant.restart();
    const given = new Given(service);
    const admin = await given.anAdmin();
    const [ofToken, ofSession, ofUser, ofDeleted] = [
      await given.aUser(),
      await given.aUser(),
      await given.aUser(),
      await given.aUser(),
    ];
    await service.api.post('/logout/access', { token: ofToken.access });
    await service.api.post('/logout', { token: ofSession.access });
    await service.api.patch(`/users/${ofUser.id}`, { token: admin.access, json: { disabled: true } });
    await service.api.patch(`/users/${ofUser.id}`, { token: admin.access, json: { disabled: false } });
    await service.api.delete('/users/me', { token: ofDeleted.access });
    const { api } = await recant.restart();
    expectInvalidToken(await api.get('/secret', { token: ofToken.access }));
    expect(await aliveOf(api, [ofSession, ofUser, ofDeleted])).toEqual([]);
  });

  it('ends nothing: the keys are kept, and a refresh inside the retry window gets the same successor', async () => {
    const before = await recant.restart();
    const user = await new Given(before).aUser();
    const first = await before.api.post('/token/refresh', { token: user.refresh });
    const { api } = await recant.restart();
    expect((await api.get('/secret', { token: user.access })).status).toBe(200);
    const again = await api.post('/token/refresh', { token: user.refresh });
    expect(again.body.refresh_token).toBe(first.body.refresh_token);
  });
});

describe('a record of a revocation', () => {
  it('outlives the tokens it forbids, also those of a longer life that was configured before', async () => {
    const longAgo = await recant.restart({ ACCESS_TOKEN_TTL_SECONDS: '7200' });
    const given = new Given(longAgo);
    const admin = await given.anAdmin();
    const [ofToken, ofSession, ofUser] = [await given.aUser(), await given.aUser(), await given.aUser()];
    const { api } = await recant.restart({ ACCESS_TOKEN_TTL_SECONDS: '60' });
    await api.post('/logout/access', { token: ofToken.access });
    await api.post('/logout', { token: ofSession.access });
    await api.delete(`/users/${ofUser.id}`, { token: admin.access });
    const records = await recant.database.run<{ level: string; expires: number }>(
      'SELECT level, extract(epoch FROM expires_at)::float AS expires FROM revocations ORDER BY level',
    );
    expect(records.map(({ level }) => level)).toEqual(['session', 'token', 'user']);
    const { exp } = claimsOf(ofUser.access) as unknown as { exp: number };
    // The token's own record knows when it expires; the others must outlast the longest life there ever was.
    const { exp: ownExp } = claimsOf(ofToken.access) as unknown as { exp: number };
    const least = { session: exp + 5, token: ownExp + 5, user: exp + 5 } as Record<string, number>;
    expect(records.filter(({ level, expires }) => expires < least[level]!)).toEqual([]);
  });
});

describe('AUDIENCE with several services', () => {
  it('is a list in the token, and each of them is enough', async () => {
    const service = await recant.restart({ AUDIENCE: 'shop,recant' });
    const { access } = await new Given(service).aUser();
    expect(claimsOf(access)['aud']).toEqual(['shop', 'recant']);
    const { api } = await recant.restart({ AUDIENCE: 'recant' });
    expect((await api.get('/secret', { token: access })).status).toBe(200);
  });
});
