import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type RequestOptions } from '../support/api-client.js';
import { basic, type ClientAccount, GivenClients } from '../support/given-clients.js';
import { type Account, Given } from '../support/given.js';
import { expectInvalidToken, expectProblem, expectWrongFields } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';
import { tampered } from '../support/tokens.js';

// Real: HTTP, PostgreSQL, its numbers. Records are made by SQL, as another instance would make them.
let service: TestService;
let clients: GivenClients;
let client: ClientAccount;
let other: ClientAccount;
let admin: Account;

beforeAll(async () => {
  service = await startService();
  clients = new GivenClients(service);
  client = await clients.aClient('revocations:read');
  other = await clients.aClient('tokens:introspect tokens:revoke');
  admin = await new Given(service).anAdmin();
});
afterAll(() => service.stop());

const list = (query = '', headers: Record<string, string> = {}) =>
  service.api.get(`/revocations${query}`, { headers: { ...basic(client), ...headers } });
const numberNow = async (): Promise<number> => (await list()).body.number;
const idsOf = ({ body }: Answer) => body.revocations.map(({ id }: { id: string }) => id);

/** Forbids so many tokens, one after the other; answers their names in that order. */
async function someTokens(count: number, expiresIn = '1 hour'): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await service.database.run(
    `INSERT INTO revocations (level, target, reason, expires_at)
     SELECT 'token', id, 'logout', now() + $2::interval FROM unnest($1::uuid[]) AS id`,
    [ids, expiresIn],
  );
  return ids;
}

describe.each(['/revocations', '/revocations/stream'])('%s', (path) => {
  const get = (options: RequestOptions = {}) => service.api.get(path, options);

  it.each([
    ['nothing', {}],
    ['an unknown scheme', { authorization: 'Digest username="x"' }],
  ])('refuses %s, and names both schemes that it takes', async (_, headers) => {
    const answer = await get({ headers });
    expectProblem(answer, 'invalid_client');
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="recant", Bearer');
  });

  it.each<[string, () => ClientAccount]>([
    ['a wrong secret', () => ({ ...client, secret: other.secret })],
    ['an unknown client', () => ({ ...client, id: randomUUID() })],
    ['a client whose name is no id', () => ({ ...client, id: 'recant' })],
  ])('refuses %s', async (_, account) => {
    const answer = await get({ headers: basic(account()) });
    expectProblem(answer, 'invalid_client');
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="recant"');
  });

  it.each(['Basic', 'Basic ', 'Basic x', 'Basic eA==', 'Basic Og=='])('refuses `%s`, which is none', async (field) => {
    expectProblem(await get({ headers: { authorization: field } }), 'invalid_client');
  });

  it('refuses a Bearer token that is none, forged or revoked', async () => {
    const token = await clients.aToken(client);
    expectInvalidToken(await get({ token: 'x' }));
    expectInvalidToken(await get({ token: tampered(token, { claims: { scope: 'revocations:read ' } }) }));
    await service.api.post('/oauth/revoke', { form: { token }, headers: basic(client) });
    expectInvalidToken(await get({ token }));
  });

  it('refuses clients without the scope, and tokens without it of those who have it', async () => {
    const both = await clients.aClient('tokens:revoke revocations:read');
    expectProblem(await get({ headers: basic(other) }), 'insufficient_scope');
    expectProblem(await get({ token: await clients.aToken(other) }), 'insufficient_scope');
    const narrow = await clients.aToken(both, { scope: 'tokens:revoke' });
    expectProblem(await get({ token: narrow }), 'insufficient_scope');
  });

  it('refuses every token of a person, an administrator’s too', async () => {
    const user = await new Given(service).aUser();
    for (const { access } of [user, admin]) expectProblem(await get({ token: access }), 'insufficient_scope');
    expectInvalidToken(await get({ token: user.refresh }));
  });

  it('takes no other method', async () => {
    expectProblem(await service.api.post(path, { headers: basic(client) }), 'method_not_allowed');
  });
});

describe('GET /revocations', () => {
  it.each([
    '?limit=0',
    '?limit=10001',
    '?limit=1e2',
    '?limit=x',
    '?cursor=',
    '?cursor=1',
    '?cursor=1.x',
    '?cursor=-1.0',
  ])('refuses %s', async (query) => {
    expectWrongFields(await list(query), [query.slice(1).split('=')[0]!]);
  });

  it('refuses what it does not know', async () => {
    expectWrongFields(await list('?level=token'), ['level']);
  });

  it('refuses a cursor with a number that was never given, also when it is to be compared alone', async () => {
    const number = await numberNow();
    expectProblem(await list(`?cursor=${number + 1}.0`), 'feed_number_unknown');
    expectProblem(
      await list(`?cursor=${number + 1}.0`, { 'if-none-match': `W/"${number + 1}.0.1000"` }),
      'feed_number_unknown',
    );
  });

  it('has all levels, each with what a verifier has to know, and nothing that has expired', async () => {
    const [jti, sid, sub] = [randomUUID(), randomUUID(), randomUUID()];
    await someTokens(1, '-1 second');
    await service.database.run(
      `INSERT INTO revocations (level, target, cutoff, reason, expires_at) VALUES
         ('token', $1, NULL, 'secret reason', to_timestamp(1999999999.1)), ('session', $2, NULL, '', to_timestamp(2e9)),
         ('user', $3, 7, '', to_timestamp(2e9)), ('all', '00000000-0000-0000-0000-000000000000', 3, '', to_timestamp(2e9))`,
      [jti, sid, sub],
    );
    await service.database
      .run(`INSERT INTO signing_keys (kid, purpose, algorithm, encrypted_key, forbidden_at, retires_at)
      VALUES ('k1', 'access', 'ES256', '', now(), to_timestamp(2e9)),
        ('k0', 'access', 'ES256', '', now(), now() - interval '1 year')`);
    const { status, body, headers } = await list();
    expect(status).toBe(200);
    const [{ seconds }] = (await service.database.run<{ seconds: number }>(
      'SELECT longest_access_seconds AS seconds FROM token_lifetimes',
    )) as [{ seconds: number }];
    expect(body.revocations.slice(-5)).toEqual([
      // A part of a second counts as one: nobody may forget it before the database does.
      { level: 'token', id: jti, exp: 2_000_000_000 },
      { level: 'session', id: sid, exp: 2_000_000_000 },
      { level: 'user', id: sub, cutoff: 7, exp: 2_000_000_000 },
      { level: 'all', cutoff: 3, exp: 2_000_000_000 },
      { level: 'key', id: 'k1', exp: 2_000_000_000 + seconds + 5 },
    ]);
    expect(headers.get('cache-control')).toBe('no-store');
    await service.database.run(`DELETE FROM signing_keys WHERE kid IN ('k0', 'k1')`);
    await service.database.run(`DELETE FROM revocations WHERE level = 'all'`);
  });

  it('takes the token of a client as well', async () => {
    const answer = await service.api.get('/revocations', { token: await clients.aToken(client) });
    expect(answer.body).toEqual((await list()).body);
  });

  it('goes page by page in the order of the numbers, up to the number of the first page', async () => {
    await service.database.run('DELETE FROM revocations');
    const ids = await someTokens(5);
    const first = await list('?limit=2');
    const number = await numberNow();
    expect(first.body.number).toBe(number);
    expect(idsOf(first)).toEqual(ids.slice(0, 2));
    // What comes or is made anew meanwhile has a higher number: it is the stream's.
    await someTokens(1);
    await service.database.run(`UPDATE revocations SET expires_at = expires_at + interval '1 hour' WHERE target = $1`, [
      ids[3],
    ]);
    const second = await list(`?limit=2&cursor=${first.body.next_cursor}`);
    expect(idsOf(second)).toEqual([ids[2], ids[4]]);
    expect(second.body).toMatchObject({ number, next_cursor: null });
  });

  it('says that a full page is the last one, if it is', async () => {
    await service.database.run('DELETE FROM revocations');
    await someTokens(2);
    expect((await list('?limit=2')).body).toMatchObject({ next_cursor: null });
  });

  it('is 304 to who has it, by the number alone, until something is revoked', async () => {
    // Not through the checker: a 304 has no content type.
    const ask = (query: string, etag: string) =>
      fetch(`${service.api.url}/revocations${query}`, { headers: { ...basic(client), 'if-none-match': etag } });
    const etag = (await list()).headers.get('etag')!;
    expect(etag).toMatch(/^W\/"/);
    const again = await ask('', etag);
    expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, '']);
    expect((await ask('?limit=1', etag)).status).toBe(200);
    expect((await ask('', 'W/"other"')).status).toBe(200);
    await someTokens(1);
    expect((await ask('', etag)).status).toBe(200);
  });
});
