import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPassword, aUsername, claimsOf, Given } from '../support/given.js';
import { expectProblem, expectSecurityHeaders, expectWrongFields } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL, argon2.
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const register = (username: unknown, password: unknown = aPassword) =>
  service.api.post('/registration', { json: { username, password } });
const login = (username: string, password: string) => service.api.post('/login', { json: { username, password } });

function rowsOf(username: string): Promise<{ username: string; password_hash: string; roles: string[] }[]> {
  return service.database.run('SELECT * FROM users WHERE lower(username) = lower($1)', [username]);
}

async function countRows(): Promise<unknown> {
  return service.database.run('SELECT (SELECT count(*) FROM users) users, (SELECT count(*) FROM sessions) sessions');
}

describe('POST /registration refuses a name', () => {
  it.each([
    '',
    ' ',
    'a b',
    ' alice',
    'alice ',
    'al\tice',
    'alice\n',
    'älice',
    'аlice',
    'alice\u200b',
    'ａｌｉｃｅ',
    '😀',
    '\0',
    ...Array.from('/\\:,;"\'<>%*#&=!?$()[]{}|^~`', (letter) => `a${letter}b`),
  ])('with a letter that names do not have: %j', async (username) => {
    const before = await countRows();
    expectWrongFields(await register(username), ['username']);
    expect(await countRows()).toEqual(before);
  });

  it('of 121 letters, and takes 120 and one', async () => {
    expectWrongFields(await register('a'.repeat(121)), ['username']);
    expect((await register('b'.repeat(120))).status).toBe(201);
    expect((await register('c')).status).toBe(201);
  });

  it('that is taken, in whatever case, and stores nothing', async () => {
    const username = `Taken.By-${aUsername()}`;
    await new Given(service).aUser(username);
    const before = await countRows();
    for (const again of [username, username.toLowerCase(), username.toUpperCase()]) {
      const answer = await register(again, 'another password');
      expectProblem(answer, 'username_taken');
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
    expect(await countRows()).toEqual(before);
    expect((await login(username, aPassword)).status).toBe(200);
  });

  it('to all but one of fifty at once, in any case, and makes exactly one user', async () => {
    const username = aUsername();
    const spellings = [username, username.toUpperCase()];
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => register(spellings[n % 2])));
    const refusals = answers.filter(({ status }) => status !== 201);
    expect(refusals).toHaveLength(49);
    for (const refusal of refusals) expectProblem(refusal, 'username_taken');
    expect(await rowsOf(username)).toHaveLength(1);
    const created = answers.find(({ status }) => status === 201);
    expect((await service.api.get('/secret', { token: created!.body.access_token as string })).status).toBe(200);
  });
});

describe('POST /registration refuses a password', () => {
  it.each([
    ['of 7 letters', 'a'.repeat(7)],
    ['of 7 emoji, which are 14 units and 28 bytes', '😀'.repeat(7)],
    ['of 7 letters of three bytes', '語'.repeat(7)],
    ['of 257 letters', 'a'.repeat(257)],
    ['of 257 emoji', '😀'.repeat(257)],
    ['with NUL', 'long enough\0'],
  ])('%s, and stores nothing', async (_, password) => {
    const before = await countRows();
    expectWrongFields(await register(aUsername(), password), ['password']);
    expect(await countRows()).toEqual(before);
  });

  it.each([
    ['among the common ones', 'Liverpool', /common passwords/],
    ['with the username in it', 'Fifty-Two FRIENDS of mine', /the username/],
    ['with the name of the service in it', 'my recant login', /the service/],
  ])('%s, and says so', async (_, password, sentence) => {
    const answer = await register('two.friends', password.replace('Two FRIENDS', 'two.FRIENDS'));
    expectWrongFields(answer, ['password']);
    expect(answer.body.errors[0].message).toMatch(sentence);
    expect(await rowsOf('two.friends')).toEqual([]);
  });

  it('and the name, each with its own sentence, in one answer', async () => {
    expectWrongFields(await register('a b', 'short'), ['password', 'username']);
  });
});

describe('POST /registration takes a password exactly as it is sent', () => {
  it.each<[string, string, string[]]>([
    ['8 letters', 'kvqzhwxj', ['KVQZHWXJ', 'kvqzhwx', 'kvqzhwxjj']],
    ['256 letters', 'a'.repeat(256), ['a'.repeat(255)]],
    ['256 emoji, 1,024 bytes', '😀'.repeat(256), ['😀'.repeat(255), `${'😀'.repeat(255)}😁`]],
    ['8 emoji', '🐎🔋🧷🦊🌲🪐🎻🥨', ['🐎🔋🧷🦊🌲🪐🎻']],
    ['blanks around it', '  in the middle  ', ['in the middle', '  in the middle', 'in the middle  ']],
    ['blanks alone', ' '.repeat(33), [' '.repeat(34)]],
    ['a tab and a line end', '\tlong\r\nenough\n', ['long\r\nenough', '\tlong\nenough\n']],
    ['a letter and its accent apart', 'cafe\u0301 noir', ['caf\u00e9 noir']],
    ['a letter and its accent in one', 'caf\u00e9 noir', ['cafe\u0301 noir']],
    ['what forms and addresses escape', 'a+b%20c&d=e;f', ['a b c&d=e;f', 'a+b c&d=e;f']],
    ['more than bcrypt’s 72 bytes', `${'x'.repeat(80)}1`, [`${'x'.repeat(80)}2`, 'x'.repeat(72)]],
  ])('%s', async (_, password, others) => {
    const [byJson, byForm] = [aUsername(), aUsername()];
    expect((await register(byJson, password)).status).toBe(201);
    const form = { username: byForm, password };
    expect((await service.api.post('/registration', { form })).status).toBe(201);
    for (const username of [byJson, byForm]) {
      for (const other of others) expectProblem(await login(username, other), 'invalid_credentials');
      expect((await login(username, password)).status).toBe(200);
    }
  });
});

describe('POST /registration', () => {
  it.each(['json', 'form'] as const)('makes a user and answers tokens that work: %s', async (kind) => {
    const username = `New.${aUsername()}@example+1_2`;
    const answer = await service.api.post('/registration', { [kind]: { username, password: aPassword } });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      message: `User ${username} was created`,
      token_type: 'Bearer',
      expires_in: 900,
      refresh_expires_in: 1_209_600,
      access_token: expect.any(String),
      refresh_token: expect.any(String),
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expectSecurityHeaders(answer.headers);
    const { access_token: access, refresh_token: refresh } = answer.body as Record<string, string>;
    expect((await service.api.get('/users/me', { token: access! })).body).toMatchObject({ username, roles: [] });
    expect((await service.api.post('/token/refresh', { token: refresh! })).status).toBe(200);
  });

  it('keeps no password and no token in the database, and the hash is argon2id of the promised cost', async () => {
    const username = aUsername();
    const { body } = await register(username, 'a password to be found');
    const [row] = await rowsOf(username);
    expect(row!.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,(t=2,p=1|p=1,t=2)\$/);
    const everything = JSON.stringify([await rowsOf(username), await service.database.run('SELECT * FROM sessions')]);
    for (const secret of ['a password to be found', body.access_token, body.refresh_token] as string[]) {
      expect(everything).not.toContain(secret.split('.').at(-1));
    }
  });

  it.each(['admin', 'Administrator', 'r.o.o.t'])('leaves a reserved name to administrators: %s', async (username) => {
    const answer = await register(username);
    expectWrongFields(answer, ['username']);
    expect(answer.body.errors[0].message).toMatch(/reserved/);
    expect(await rowsOf(username)).toEqual([]);
  });

  it('promotes nobody', async () => {
    const { body } = await register('admin@example.com');
    expect(claimsOf(body.access_token as string)['roles']).toEqual([]);
    expect((await rowsOf('admin@example.com'))[0]!.roles).toEqual([]);
  });
});
