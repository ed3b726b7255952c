import { generateKeyPairSync, sign as signature } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer } from '../support/api-client.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { type Account, aPassword, aUsername, claimsOf, Given } from '../support/given.js';
import { outOfSync } from '../support/memory.js';
import { expectInvalidToken, expectUnavailable, fieldsToCompare } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';
import { aliveOf, forge, headerOf, pairsIn, spellings, tampered } from '../support/tokens.js';

// Real: HTTP and PostgreSQL. Each law of docs/tokens.md in short; the other files of this folder go into each at length.
let service: TestService;
let given: Given;
let admin: Account;
let user: Account;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
  admin = await given.anAdmin();
});
afterAll(() => service.stop());
beforeEach(async () => {
  user = await given.aUser();
});

const secret = (token: string) => service.api.get('/secret', { token });
const refresh = (token: string) => service.api.post('/token/refresh', { token });

/** A token with these claims, under a key that is not in the ring. */
function signedByAStranger(token: string): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const sign = (input: string) =>
    signature('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return forge(headerOf(token), claimsOf(token), sign);
}

describe('laws', () => {
  it('A request passes only with a token of ours that nothing forbids.', async () => {
    expect((await secret(user.access)).status).toBe(200);
    const others: [what: string, token: string][] = [
      ['a changed claim', tampered(user.access, { claims: { roles: ['admin'] } })],
      ['another algorithm', tampered(user.access, { header: { alg: 'none' } })],
      ['a key of a stranger', signedByAStranger(user.access)],
      ['the other kind of token', user.refresh],
      ...spellings.map(([what, respell]): [string, string] => [what, respell(user.access)]),
    ];
    for (const [what, token] of others)
      expect({ what, status: (await secret(token)).status }).toEqual({ what, status: 401 });
    await service.api.post('/logout/access', { token: user.access });
    expectInvalidToken(await secret(user.access));
  });

  it('Where nobody can know, nobody passes.', async () => {
    const faults = new DatabaseFaults(service.database);
    await faults.goAway();
    await outOfSync(service);
    const [asked, revoked] = [await secret(user.access), await service.api.post('/logout', { token: user.access })];
    await faults.comeBack();
    expectUnavailable(asked);
    expectUnavailable(revoked);
    // It was not stored, and nobody was told that it was.
    expect((await secret(user.access)).status).toBe(200);
  });

  it('A refresh token is spent once.', async () => {
    const other = await given.aLogin(user.username);
    const first = await refresh(user.refresh);
    const again = await refresh(user.refresh);
    expect(again.body.refresh_token).toBe(first.body.refresh_token);
    const [chain] = pairsIn(await refresh(first.body.refresh_token));
    expectInvalidToken(await refresh(user.refresh));
    expect(await aliveOf(service.api, [chain!])).toEqual([]);
    expect((await secret(other.access)).status).toBe(200);
  });

  it('Logout, revocation and introspection verify a token before they act on it.', async () => {
    const json = { client_name: 'gateway', scope: 'tokens:introspect tokens:revoke' };
    const { client_id, client_secret } = (await service.api.post('/clients', { token: admin.access, json })).body;
    for (const forged of [signedByAStranger(user.access), tampered(user.refresh, { claims: { generation: 2 } })]) {
      for (const path of ['/logout', '/logout/access', '/logout/refresh']) {
        expectInvalidToken(await service.api.post(path, { token: forged }));
      }
      const form = { client_id, client_secret, token: forged };
      expect((await service.api.post('/oauth/revoke', { form })).status).toBe(200);
      expect((await service.api.post('/oauth/introspect', { form })).body).toEqual({ active: false });
    }
    expect((await secret(user.access)).status).toBe(200);
    expect((await refresh(user.refresh)).status).toBe(200);
  });

  const changes: [what: string, act: () => Promise<Answer>][] = [
    ['a new password', () => changePassword()],
    ['a password that an administrator sets', () => asAdmin('PUT', '/password', { new_password: `${aPassword}!` })],
    ['disabling', () => asAdmin('PATCH', '', { disabled: true })],
    ['deleting', () => asAdmin('DELETE', '')],
    ['losing a role', () => asAdmin('PATCH', '', { roles: [] })],
  ];
  const changePassword = () =>
    service.api.patch('/users/me/password', {
      token: user.access,
      json: { current_password: aPassword, new_password: `${aPassword}!` },
    });
  const asAdmin = (method: string, path: string, json?: object) =>
    service.api.send(method, `/users/${user.id}${path}`, { token: admin.access, ...(json && { json }) });

  it.each(changes)('A change of the account ends what was issued before: %s.', async (_, act) => {
    await asAdmin('PATCH', '', { roles: ['editor'] });
    user = await given.aLogin(user.username);
    expect((await act()).status).toBe(200);
    expect(await aliveOf(service.api, [user])).toEqual([]);
  });

  it('Nobody learns whether a username exists, except at registration.', async () => {
    const disabled = await given.aUser();
    await service.api.patch(`/users/${disabled.id}`, { token: admin.access, json: { disabled: true } });
    const tries = [
      { username: aUsername(), password: aPassword },
      { username: user.username, password: 'not the password' },
      { username: disabled.username, password: aPassword },
    ];
    const answers = await Promise.all(tries.map((json) => service.api.post('/login', { json })));
    const seen = answers.map(({ status, headers, body }) => ({ status, body, headers: fieldsToCompare(headers) }));
    expect(seen[0]!.status).toBe(401);
    expect(seen).toEqual([seen[0], seen[0], seen[0]]);
  });

  const naughty = [
    '',
    '\0',
    '\u{202e}',
    "' OR 1=1 --",
    '../../etc/passwd',
    '💩'.repeat(100),
    '{{7*7}}',
    '%00',
    '\ud800',
  ];
  it('No input makes a 5xx, and nothing is half done.', async () => {
    const before = await service.database.run('SELECT count(*)::int FROM users');
    for (const text of naughty) {
      const answers = await Promise.all([
        service.api.post('/registration', { json: { username: text, password: text } }),
        service.api.post('/login', { json: { username: text, password: text, resource: text } }),
        service.api.post('/oauth/token', {
          form: { grant_type: 'refresh_token', client_id: text, refresh_token: text },
        }),
        service.api.post('/revocations/records', {
          token: admin.access,
          json: { level: text, id: text, reason: text },
        }),
        service.api.get(`/users/${encodeURIComponent(text.toWellFormed())}`, { token: admin.access }),
      ]);
      expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    }
    expect(await service.database.run('SELECT count(*)::int FROM users')).toEqual(before);
  });
});

describe('docs/tokens.md', () => {
  it('promises nothing that no test has for its title', () => {
    const laws = [...readFileSync('docs/tokens.md', 'utf8').matchAll(/^\d+\. \*\*(.+?)\*\*/gm)].map(([, law]) => law!);
    expect(laws).toHaveLength(10);
    const tests = ['test/e2e', 'test/integration'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFileSync(`${folder}/${name}`, 'utf8')),
    );
    const untested = laws.filter((law) => !tests.some((text) => text.includes(`('${law.replace(/\.$/, '')}`)));
    expect(untested).toEqual([]);
  });
});
