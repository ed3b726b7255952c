import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RequestOptions } from '../support/api-client.js';
import { type ClientAccount, expectOAuthError, GivenClients } from '../support/given-clients.js';
import { type Account, Given } from '../support/given.js';
import { expectProblem, expectWrongFields } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL. Time passes by moving the times of the rows.
let service: TestService;
let clients: GivenClients;
let admin: Account;
let user: Account;

beforeAll(async () => {
  service = await startService();
  const given = new Given(service);
  clients = new GivenClients(service);
  admin = await given.anAdmin();
  user = await given.aUser();
});
afterAll(() => service.stop());

const create = (json: object, token = admin.access) => service.api.post('/clients', { token, json });
const list = (query = '', token = admin.access) => service.api.get(`/clients${query}`, { token });
const remove = (id: string, token = admin.access) => service.api.delete(`/clients/${id}`, { token });
const changeSecret = (id: string, options: RequestOptions = {}) =>
  service.api.post(`/clients/${id}/secret`, { token: admin.access, ...options });

const isKnown = async (client: ClientAccount) => (await clients.tokenAnswer(client)).status === 200;

async function rows(): Promise<unknown[]> {
  return service.database.run('SELECT * FROM clients LEFT JOIN client_secrets ON client_id = id ORDER BY id');
}

/** An access token of a login that was too long ago. */
async function anOldLogin(): Promise<string> {
  const { username, refresh } = await new Given(service).anAdmin();
  const sql = `UPDATE sessions SET created_at = created_at - interval '6 minutes'
    WHERE user_id = (SELECT id FROM users WHERE username = $1)`;
  await service.database.run(sql, [username]);
  return (await service.api.post('/token/refresh', { token: refresh })).body.access_token as string;
}

describe('the routes of clients', () => {
  const id = randomUUID();
  const routes: [string, string, object?][] = [
    ['GET', '/clients'],
    ['POST', '/clients', { client_name: 'orders' }],
    ['POST', `/clients/${id}/secret`],
    ['DELETE', `/clients/${id}`],
  ];

  it.each(routes)('%s %s refuses everyone but administrators', async (method, path, json) => {
    const body = json ? { json } : {};
    expectProblem(await service.api.send(method, path, body), 'missing_token');
    expectProblem(await service.api.send(method, path, { ...body, token: user.access }), 'insufficient_scope');
    const client = await clients.aClient('tokens:introspect tokens:revoke revocations:read');
    const token = await clients.aToken(client);
    expectProblem(await service.api.send(method, path, { ...body, token }), 'insufficient_scope');
  });

  it.each(routes.slice(1))('%s %s asks for a recent login', async (method, path, json) => {
    const before = await rows();
    const answer = await service.api.send(method, path, { ...(json && { json }), token: await anOldLogin() });
    expectProblem(answer, 'insufficient_user_authentication');
    expect(await rows()).toEqual(before);
  });

  it.each(routes.slice(2))('%s %s is 404 for a client that is not there', async (method, path) => {
    expectProblem(await service.api.send(method, path, { token: admin.access }), 'client_not_found');
    const wrong = path.replace(id, 'orders');
    expectProblem(await service.api.send(method, wrong, { token: admin.access }), 'not_found');
  });
});

describe('POST /clients', () => {
  it.each<[string, object, string[]]>([
    ['without a name', {}, ['client_name']],
    ['with an empty name', { client_name: '' }, ['client_name']],
    ['with a name of 121 characters', { client_name: 'x'.repeat(121) }, ['client_name']],
    ['with a name of two lines', { client_name: 'a\nb' }, ['client_name']],
    ['with NUL in its name', { client_name: 'a\0' }, ['client_name']],
    ['with a C1 control in its name', { client_name: 'a\u0085' }, ['client_name']],
    ['with half a character in its name', { client_name: 'a\ud800' }, ['client_name']],
    ['with a blank as its name', { client_name: ' ' }, ['client_name']],
    ['with blanks of many kinds as its name', { client_name: '\u00a0\u2003\u3000\u2800\u3164' }, ['client_name']],
    ['with an end of a line in its name', { client_name: 'a\u2028b' }, ['client_name']],
    ['with a name that turns its direction', { client_name: 'a\u202eb' }, ['client_name']],
    ['with a name of no width', { client_name: '\u200b' }, ['client_name']],
    ['with the name of the client of people', { client_name: 'recant' }, ['client_name']],
    ['with that name in capitals and blanks', { client_name: ' Recant ' }, ['client_name']],
    ['with a number as its name', { client_name: 7 }, ['client_name']],
    ['with null as its scope', { client_name: 'a', scope: null }, ['scope']],
    ['with a list as its scope', { client_name: 'a', scope: ['tokens:revoke'] }, ['scope']],
    ['with an unknown scope', { client_name: 'a', scope: 'tokens:introspect admin' }, ['scope']],
    ['with a scope in capitals', { client_name: 'a', scope: 'TOKENS:REVOKE' }, ['scope']],
    ['with a scope of a prototype', { client_name: 'a', scope: 'constructor' }, ['scope']],
    ['with a scope twice', { client_name: 'a', scope: 'tokens:revoke tokens:revoke' }, ['scope']],
    ['with commas between scopes', { client_name: 'a', scope: 'tokens:introspect,tokens:revoke' }, ['scope']],
    ['with two blanks between scopes', { client_name: 'a', scope: 'tokens:introspect  tokens:revoke' }, ['scope']],
    ['with a blank as its scope', { client_name: 'a', scope: ' ' }, ['scope']],
    ['with an id of its own', { client_name: 'a', client_id: randomUUID() }, ['client_id']],
    ['with a secret of its own', { client_name: 'a', client_secret: 'secret' }, ['client_secret']],
  ])('refuses a client %s', async (_, json, fields) => {
    const before = await rows();
    expectWrongFields(await create(json), fields);
    expect(await rows()).toEqual(before);
  });

  it.each([
    [{ client_name: 'orders', scope: 'tokens:revoke tokens:introspect' }, 'tokens:revoke tokens:introspect'],
    [{ client_name: '𝕆'.repeat(120), scope: '' }, ''],
    [{ client_name: 'x' }, ''],
    [{ client_name: 'recant orders — заказы 注文 ☎️' }, ''],
  ])('makes a client in the words of RFC 7591: %j', async (json, scope) => {
    const { status, headers, body } = await create(json);
    expect(status).toBe(201);
    expect(body).toEqual({
      client_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      client_secret: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      client_name: json.client_name,
      scope,
    });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('keeps no secret that anyone could use', async () => {
    const { body } = await create({ client_name: 'orders' });
    const [row] = await service.database.run<{ secret_hash: Buffer }>(
      'SELECT * FROM client_secrets WHERE client_id = $1',
      [body.client_id],
    );
    expect(row!.secret_hash).toHaveLength(32);
    expect(JSON.stringify(await rows())).not.toContain(body.client_secret);
    expect(JSON.stringify((await list('?limit=200')).body)).not.toContain(body.client_secret);
  });
});

describe('GET /clients', () => {
  it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=zz', 'cursor=', 'search=x'])('refuses ?%s', async (query) => {
    expectWrongFields(await list(`?${query}`), [query.split('=')[0]!]);
  });

  it('tells all, newest first, page by page, and no secret', async () => {
    // Made in the same microsecond, so that the order within it counts too.
    await service.database.run(
      `INSERT INTO clients (id, client_name, scopes) SELECT gen_random_uuid(), 'crowd ' || n, '{}' FROM generate_series(1, 25) n`,
    );
    const newest = await clients.aClient('revocations:read');
    const listed: { client_id: string; created_at: string }[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { status, body }: { status: number; body: any } = await list(`?limit=10${cursor && `&cursor=${cursor}`}`);
      expect(status).toBe(200);
      listed.push(...body.clients);
      cursor = body.next_cursor;
    }
    expect(listed[0]).toEqual({
      client_id: newest.id,
      client_name: 'a client',
      scope: 'revocations:read',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    const [count] = await service.database.run<{ count: number }>('SELECT count(*)::int FROM clients');
    expect(new Set(listed.map(({ client_id }) => client_id)).size).toBe(count!.count);
    expect(listed).toHaveLength(count!.count);
    const times = listed.map(({ created_at }) => created_at);
    expect(times).toEqual(times.toSorted().toReversed());
  });
});

describe('POST /clients/:id/secret', () => {
  const field = 'previous_secret_expires_in';

  it.each([-1, 2_592_001, 1.5, '60', null, true, [0]])('refuses to keep the earlier ones for %j', async (value) => {
    const client = await clients.aClient();
    expectWrongFields(await changeSecret(client.id, { json: { [field]: value } }), [field]);
    expectWrongFields(await changeSecret(client.id, { json: { unknown: 1 } }), ['unknown']);
    expect(await isKnown(client)).toBe(true);
  });

  it('lets the earlier secret live for a day, when nothing else is said', async () => {
    const client = await clients.aClient();
    const { status, body } = await changeSecret(client.id);
    expect(status).toBe(200);
    expect(body).toEqual({
      client_id: client.id,
      client_secret: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      [field]: 86_400,
    });
    const renewed = { ...client, secret: body.client_secret as string };
    expect([await isKnown(client), await isKnown(renewed)]).toEqual([true, true]);
    await clients.age(client, '23 hours 59 minutes');
    expect([await isKnown(client), await isKnown(renewed)]).toEqual([true, true]);
    await clients.age(client, '1 minute');
    expect([await isKnown(client), await isKnown(renewed)]).toEqual([false, true]);
  });

  it('ends every earlier one at once on 0', async () => {
    const first = await clients.aClient();
    const second = await clients.withNewSecret(first, 60);
    const third = await clients.withNewSecret(first, 0);
    expect([await isKnown(first), await isKnown(second), await isKnown(third)]).toEqual([false, false, true]);
  });

  it('never moves an end further away', async () => {
    const first = await clients.aClient();
    const second = await clients.withNewSecret(first, 60);
    const third = await clients.withNewSecret(first, 2_592_000);
    await clients.age(first, '61 seconds');
    expect([await isKnown(first), await isKnown(second), await isKnown(third)]).toEqual([false, true, true]);
  });

  it('leaves the newest five', async () => {
    const secrets = [await clients.aClient()];
    for (let n = 0; n < 5; n++) secrets.push(await clients.withNewSecret(secrets[0]!, 60));
    expect(await Promise.all(secrets.map(isKnown))).toEqual([false, true, true, true, true, true]);
    // One that has ended does not count.
    await clients.age(secrets[0]!, '61 seconds');
    secrets.push(await clients.withNewSecret(secrets[0]!, 60));
    expect((await Promise.all(secrets.map(isKnown))).slice(-2)).toEqual([true, true]);
  });

  it('asked for ten times at once, leaves five secrets, of which the last one stays', async () => {
    const client = await clients.aClient();
    const changes = Array.from({ length: 10 }, () => clients.withNewSecret(client, 60));
    const renewed = await Promise.all(changes);
    const known = () => Promise.all(renewed.map(isKnown)).then((answers) => answers.filter(Boolean));
    expect(await known()).toHaveLength(5);
    await clients.age(client, '61 seconds');
    expect(await known()).toHaveLength(1);
  });
});

describe('DELETE /clients/:id', () => {
  it('ends the client, its secrets and every token that it got, and no other', async () => {
    const [client, other] = [await clients.aClient(), await clients.aClient()];
    const [token, othersToken] = [await clients.aToken(client), await clients.aToken(other)];
    expect((await service.api.get('/secret', { token })).status).toBe(200);
    const { status, body } = await remove(client.id);
    expect({ status, body }).toEqual({ status: 200, body: { message: 'Client has been deleted' } });
    expectProblem(await service.api.get('/secret', { token }), 'invalid_token');
    expect(await isKnown(client)).toBe(false);
    expectProblem(await remove(client.id), 'client_not_found');
    expect((await service.api.get('/secret', { token: othersToken })).status).toBe(200);
    expect(await isKnown(other)).toBe(true);
  });

  it('leaves no living token when the client asks for some at the same time', { timeout: 60_000 }, async () => {
    let issued = 0;
    for (let round = 0; round < 8; round++) {
      const client = await clients.aClient();
      const before = Array.from({ length: 6 }, () => clients.tokenAnswer(client));
      // More turns of the event loop in each round: which one wins is the database's to say.
      for (let turn = 0; turn < round * 3; turn++) await new Promise(setImmediate);
      const removed = remove(client.id);
      const answers = await Promise.all([...before, ...Array.from({ length: 6 }, () => clients.tokenAnswer(client))]);
      expect((await removed).status).toBe(200);
      const refused = answers.filter(({ status }) => status !== 200);
      for (const answer of refused) expectOAuthError(answer, 401, 'invalid_client');
      const tokens = answers.flatMap(({ status, body }) => (status === 200 ? [body.access_token as string] : []));
      const alive = await Promise.all(tokens.map((token) => service.api.get('/secret', { token })));
      expect(alive.filter(({ status }) => status !== 401)).toEqual([]);
      issued += tokens.length;
    }
    // Otherwise the deletion has always been first, and nothing was raced.
    expect(issued).toBeGreaterThan(0);
  });
});
