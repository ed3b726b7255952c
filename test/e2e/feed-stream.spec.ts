import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { FollowerHub } from '../../src/auth/followers/follower-hub.service.js';
import { SecretCheck } from '../../src/auth/followers/secret-check.service.js';
import { Clock } from '../../src/common/clock.js';
import { NumberedRecordRepository } from '../../src/tokens/revocation/numbered-record.repository.js';
import { RevokedTokenRepository } from '../../src/tokens/revocation/revoked-token.repository.js';
import { DatabaseFaults } from '../support/database-faults.js';
import { aRevocation } from '../support/feed.js';
import { FollowedStream } from '../support/followed-stream.js';
import { allowEveryKey, forbidKeyOf } from '../support/forbidden-keys.js';
import { basic, type ClientAccount, GivenClients } from '../support/given-clients.js';
import { claimsOf, Given } from '../support/given.js';
import { caughtUp } from '../support/memory.js';
import { expectInvalidToken, expectProblem, expectWrongFields } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL, its notifications. Where a race is held still, a method of ours waits for the other side.
let service: TestService;
let clients: GivenClients;
let client: ClientAccount;
const open: FollowedStream[] = [];

beforeAll(async () => {
  service = await startService();
  clients = new GivenClients(service);
  client = await clients.aClient('revocations:read');
});
afterAll(() => service.stop());
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(open.splice(0).map((stream) => stream.close()));
});

async function follow(after?: number, options: object = { headers: basic(client) }): Promise<FollowedStream> {
  const stream = await FollowedStream.open(service.api, options, after);
  open.push(stream);
  return stream;
}
const refused = (after: string) =>
  service.api.get('/revocations/stream', { headers: { ...basic(client), 'last-event-id': after } });
const numberNow = async (): Promise<number> =>
  (await service.api.get('/revocations', { headers: basic(client) })).body.number;

/** That it goes on, whatever became of others. */
async function expectToGoOn(...streams: FollowedStream[]): Promise<void> {
  for (const stream of streams) expect(await stream.proofOf(0)).toMatchObject({ event: 'proof' });
}

/** Forbids a token elsewhere; answers its name. */
async function revokeElsewhere(): Promise<string> {
  const { sql, target } = aRevocation();
  await service.database.run(sql);
  return target;
}

/** Cuts off what was issued to someone, or to everyone, below a number. */
const cutOff = (level: string, id: string, cutoff: number | null) =>
  service.database.run(
    `INSERT INTO revocations (level, target, cutoff, reason, expires_at)
     VALUES ($1, $2, $3, '', now() + interval '1 hour')`,
    [level, id, cutoff],
  );
const EVERYONE = '00000000-0000-0000-0000-000000000000';

describe('GET /revocations/stream', () => {
  it.each(['', 'x', '-1', '1.5', '1e3', '0x1', '1, 2', '9'.repeat(16)])(
    'refuses the Last-Event-ID `%s`',
    async (id) => {
      expectWrongFields(await refused(id), ['Last-Event-ID']);
    },
  );

  it('refuses a number that was never given: the follower must begin anew', async () => {
    expectProblem(await refused(String((await numberNow()) + 1)), 'feed_number_unknown');
  });

  it('is 503 when the database does not answer, and has not begun', async () => {
    const faults = new DatabaseFaults(service.database);
    const token = await clients.aToken(client);
    await faults.takeAway('signing_keys');
    const answer = await service.api.get('/revocations/stream', { token });
    await faults.heal('signing_keys');
    expectProblem(answer, 'storage_unavailable');
    expect(service.app.get(FollowerHub).all.size).toBe(0);
  });

  it('says what its clock says, then everything that is forbidden, then that this is all', async () => {
    const target = await revokeElsewhere();
    await caughtUp(service);
    const before = performance.now();
    const stream = await follow();
    const { data, id } = await stream.until(({ event }) => event === 'proof');
    expect(stream.events[0]).toEqual({ event: 'open', data: { time_ms: expect.any(Number), heartbeat_ms: 500 } });
    // The clock of the test: they are one process.
    expect(stream.events[0]!.data.time_ms).toBeGreaterThanOrEqual(before);
    expect(stream.records.at(-1)).toEqual({
      event: 'revocation',
      id: id!,
      data: { level: 'token', id: target, exp: expect.any(Number) },
    });
    // The first proof is the one that the instance has already.
    expect(data.time_ms).toBeLessThan(before);
    expect(stream.events.map(({ event }) => event)).toEqual([
      'open',
      ...stream.records.map(() => 'revocation'),
      'proof',
    ]);
  });

  it('has what the header fields of every answer say, is not kept by anyone, and is no more than a head to HEAD', async () => {
    const send = (method: string) => fetch(`${service.api.url}/revocations/stream`, { method, headers: basic(client) });
    const [get, head] = [await send('GET'), await send('HEAD')];
    await get.body!.cancel();
    for (const { status, headers } of [get, head]) {
      expect(status).toBe(200);
      expect(headers.get('content-type')).toMatch(/^text\/event-stream\b/);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect(get.headers.get('x-accel-buffering')).toBe('no');
    await expect.poll(() => service.app.get(FollowerHub).all.size).toBe(0);
  });

  it('tells each revocation as it happens, in the order of the numbers, and then proves it', async () => {
    const after = await numberNow();
    const stream = await follow(after);
    const targets = [];
    for (let i = 0; i < 5; i++) targets.push(await revokeElsewhere());
    const committed = performance.now();
    const { id } = await stream.until(({ event, data }) => event === 'proof' && data.time_ms >= committed);
    expect(stream.records.map((record) => [record.id, record.data.id])).toEqual(
      targets.map((target, at) => [after + 1 + at, target]),
    );
    expect(id).toBe(after + 5);
  });

  it('goes on after the last event, and has the records alone that came or were changed since', async () => {
    const [kept, changed, gone] = [await revokeElsewhere(), await revokeElsewhere(), await revokeElsewhere()];
    const after = (await numberNow()) - 2;
    await service.database.run(
      `UPDATE revocations SET expires_at = expires_at + interval '1 minute' WHERE target = $1`,
      [changed],
    );
    await service.database.run(`UPDATE revocations SET expires_at = now() - interval '1 minute' WHERE target = $1`, [
      gone,
    ]);
    await caughtUp(service);
    const stream = await follow(after);
    const proof = await stream.until(({ event }) => event === 'proof');
    expect(stream.records.map(({ id, data }) => [id, data.id])).toEqual([[after + 3, changed]]);
    // The number of what has expired is behind it too.
    expect(proof.id).toBe(after + 4);
    expect(kept).not.toBe(changed);
  });

  it('has a record longer than one page whole, and in order', async () => {
    await service.database.run(`INSERT INTO revocations (level, target, reason, expires_at)
      SELECT 'token', gen_random_uuid(), 'logout', now() + interval '1 hour' FROM generate_series(1, 1700)`);
    const number = await numberNow();
    const stream = await follow(number - 1700);
    await stream.until(({ event }) => event === 'proof');
    expect(stream.records.map(({ id }) => id)).toEqual(Array.from({ length: 1700 }, (_, at) => number - 1699 + at));
  });

  it('reads on when something was told to the others while its page was read', async () => {
    const other = await follow(await numberNow());
    const repository = service.app.get(NumberedRecordRepository);
    const findAfter = repository.findAfter.bind(repository);
    let missed: string | undefined;
    vi.spyOn(repository, 'findAfter').mockImplementation(async (...page) => {
      const answer = await findAfter(...page);
      if (missed !== undefined) return answer;
      missed = await revokeElsewhere();
      await other.until(({ data }) => data.id === missed);
      return answer;
    });
    const stream = await follow(await numberNow());
    const { id } = await stream.until(({ event }) => event === 'proof');
    expect(stream.records.map((record) => [record.id, record.data.id])).toEqual([[id, missed]]);
    await stream.proofOf(id!);
    expect(stream.records).toHaveLength(1);
  });

  it('counts nobody who hung up before it began', async () => {
    const repository = service.app.get(NumberedRecordRepository);
    const aborted = new AbortController();
    const findAfter = repository.findAfter.bind(repository);
    vi.spyOn(repository, 'findAfter').mockImplementation(async (...page) => {
      aborted.abort();
      await expect.poll(() => service.app.get(FollowerHub).all.size).toBe(0);
      return findAfter(...page);
    });
    const asked = fetch(`${service.api.url}/revocations/stream`, { headers: basic(client), signal: aborted.signal });
    await expect(asked).rejects.toThrow('aborted');
    await revokeElsewhere();
    await caughtUp(service);
    expect(service.app.get(FollowerHub).all.size).toBe(0);
  });
});

describe('a stream by a token ends', () => {
  const levels: [string, (claims: ReturnType<typeof claimsOf>, below: number) => Promise<unknown>][] = [
    ['user', ({ sub }, below) => cutOff('user', sub, below)],
    ['all', (_, below) => cutOff('all', EVERYONE, below)],
  ];
  afterEach(() => service.database.run(`DELETE FROM revocations WHERE level = 'all'`));

  it('when it is revoked, and no other one', async () => {
    const [token, other] = [await clients.aToken(client), await clients.aToken(client)];
    const [stream, stays, bySecret] = [await follow(0, { token }), await follow(0, { token: other }), await follow()];
    await service.api.post('/oauth/revoke', { form: { token }, headers: basic(client) });
    await stream.ended;
    expectInvalidToken(await service.api.get('/revocations/stream', { token }));
    await expectToGoOn(stays, bySecret);
  });

  it.each(levels)('when level %s cuts it off, and not when the cutoff is below it', async (_, cut) => {
    const account = await clients.aClient('revocations:read');
    const token = await clients.aToken(account);
    const claims = claimsOf(token);
    const [stream, bySecret] = [await follow(0, { token }), await follow()];
    await cut(claims, claims.seq);
    await caughtUp(service);
    const number = await numberNow();
    expect(await stream.proofOf(number)).toMatchObject({ id: number });
    await service.database.run('UPDATE revocations SET cutoff = $1 WHERE cutoff = $2', [claims.seq + 1, claims.seq]);
    await stream.ended;
    await expectToGoOn(bySecret);
  });

  it('when its key is forbidden', async () => {
    const token = await clients.aToken(client);
    const [stream, bySecret] = [await follow(0, { token }), await follow()];
    await forbidKeyOf(token, service);
    await stream.ended;
    await expectToGoOn(bySecret);
    await allowEveryKey(service);
  });

  it('when it has expired, leeway included', async () => {
    const token = await clients.aToken(client);
    const [stream, bySecret] = [await follow(0, { token }), await follow()];
    const { exp } = claimsOf(token) as unknown as { exp: number };
    const clock = vi.spyOn(Clock.prototype, 'nowSeconds').mockReturnValue(exp + 4);
    await expectToGoOn(stream, stream);
    clock.mockReturnValue(exp + 5);
    await stream.ended;
    await expectToGoOn(bySecret);
  });

  it('at once, when it was revoked between the guard and the hub', async () => {
    const token = await clients.aToken(client);
    const revokedTokens = service.app.get(RevokedTokenRepository);
    const isRevoked = revokedTokens.isRevoked.bind(revokedTokens);
    vi.spyOn(revokedTokens, 'isRevoked').mockImplementationOnce(async (claims) => {
      const answer = await isRevoked(claims);
      await service.api.post('/oauth/revoke', { form: { token }, headers: basic(client) });
      await caughtUp(service);
      return answer;
    });
    expectInvalidToken(await service.api.get('/revocations/stream', { token }));
  });

  it('with a refusal, when it is revoked while its first page is read', async () => {
    const token = await clients.aToken(client);
    const repository = service.app.get(NumberedRecordRepository);
    const findAfter = repository.findAfter.bind(repository);
    vi.spyOn(repository, 'findAfter').mockImplementationOnce(async (...page) => {
      await service.api.post('/oauth/revoke', { form: { token }, headers: basic(client) });
      await caughtUp(service);
      return findAfter(...page);
    });
    expectInvalidToken(await service.api.get('/revocations/stream', { token }));
  });
});

describe('a stream by a secret ends', () => {
  it('when its client is deleted, as one by its token does', async () => {
    // It would find out too, some seconds later.
    vi.spyOn(service.app.get(SecretCheck), 'look').mockResolvedValue();
    const account = await clients.aClient('revocations:read');
    const streams = [
      await follow(0, { headers: basic(account) }),
      await follow(0, { token: await clients.aToken(account) }),
    ];
    const stays = await follow();
    const admin = await new Given(service).anAdmin();
    await service.api.delete(`/clients/${account.id}`, { token: admin.access });
    await Promise.all(streams.map(({ ended }) => ended));
    expectProblem(await service.api.get('/revocations/stream', { headers: basic(account) }), 'invalid_client');
    await expectToGoOn(stays);
  });

  it('within seconds, when the secret has ended or is gone, or the scope is; and no other one does', async () => {
    const accounts = await Promise.all(Array.from({ length: 4 }, () => clients.aClient('revocations:read')));
    const [ended, removed, narrowed, renewed] = accounts as [
      ClientAccount,
      ClientAccount,
      ClientAccount,
      ClientAccount,
    ];
    const streams = await Promise.all(accounts.map((account) => follow(0, { headers: basic(account) })));
    const stays = streams.pop()!;
    await clients.withNewSecret(ended, 0);
    await service.database.run('DELETE FROM client_secrets WHERE client_id = $1', [removed.id]);
    await service.database.run(`UPDATE clients SET scopes = '{tokens:revoke}' WHERE id = $1`, [narrowed.id]);
    // Counts for a day: whoever follows by it has time to change over.
    await clients.withNewSecret(renewed, 86_400);
    await Promise.all(streams.map((stream) => stream.ended));
    await expectToGoOn(stays);
  });

  it('not when nobody can say whether it counts', async () => {
    const faults = new DatabaseFaults(service.database);
    const stream = await follow();
    await faults.takeAway('client_secrets');
    await service.app.get(SecretCheck).look();
    await faults.heal('client_secrets');
    await service.app.get(SecretCheck).look();
    await expectToGoOn(stream);
  });

  it('and nothing of the secret is kept but its hash', async () => {
    await follow();
    const [follower] = service.app.get(FollowerHub).all;
    const seen = new Set<unknown>();
    const texts: string[] = [];
    const visit = (value: unknown): void => {
      if (typeof value === 'string') texts.push(value);
      if (typeof value !== 'object' || value === null || seen.has(value) || Buffer.isBuffer(value)) return;
      seen.add(value);
      for (const key of Reflect.ownKeys(value)) {
        const { value: held } = Reflect.getOwnPropertyDescriptor(value, key)!;
        visit(held);
      }
    };
    visit(follower);
    expect(texts.length).toBeGreaterThan(100);
    const { authorization } = basic(client);
    expect(texts.filter((text) => text.includes(client.secret) || text.includes(authorization!.slice(6)))).toEqual([]);
  });
});

describe('streams that begin in a storm', () => {
  it('lose nothing: every record comes once, before the proof that covers it', async () => {
    const after = await numberNow();
    const committedAt = new Map<string, number>();
    const write = async (): Promise<void> => {
      const writer = new Client({ connectionString: service.database.url });
      await writer.connect();
      for (let i = 0; i < 40; i++) {
        const { sql, target } = aRevocation();
        await writer.query(sql);
        committedAt.set(target, performance.now());
      }
      await writer.end();
    };
    const storm = { isOver: false };
    const written = Promise.all(Array.from({ length: 8 }, write)).then(() => (storm.isOver = true));
    const streams: FollowedStream[] = [];
    // One after the other: each begins at another place of the storm.
    while (!storm.isOver || streams.length < 20) streams.push(await follow(after));
    await written;
    const number = await numberNow();
    expect(number).toBe(after + committedAt.size);
    await Promise.all(streams.map((stream) => stream.proofOf(number)));
    for (const stream of streams) expect(faultsOf(stream, after, committedAt)).toEqual([]);
  });
});

/** Walks through a stream: no number may be left out, and no proof speak of what has not come. */
function faultsOf(stream: FollowedStream, after: number, committedAt: Map<string, number>): string[] {
  const faults: string[] = [];
  const told = new Set<string>();
  let number = after;
  for (const { event, id, data } of stream.events.slice(1)) {
    if (event === 'revocation') {
      if (id !== ++number) faults.push(`revocation ${id} came as ${number}`);
      told.add(data.id);
      continue;
    }
    if (id !== number) faults.push(`proof ${id} came after ${number}`);
    const missing = [...committedAt].filter(([target, at]) => at < data.time_ms && !told.has(target));
    if (missing.length > 0) faults.push(`proof ${id} came before ${missing.length} that it covers`);
  }
  if (told.size !== committedAt.size) faults.push(`${told.size} of ${committedAt.size} came`);
  return faults;
}
