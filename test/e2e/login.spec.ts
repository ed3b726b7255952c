import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPassword, aUsername, claimsOf, Given } from '../support/given.js';
import { expectProblem, expectSecurityHeaders, fieldsToCompare } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL, argon2. Every answer is held against the OpenAPI document.
let service: TestService;
let given: Given;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
});
afterAll(() => service.stop());

const login = (username: string, password = aPassword) => service.api.post('/login', { json: { username, password } });

async function aDisabledUser(): Promise<string> {
  const { id, username } = await given.aUser();
  await service.database.run('UPDATE users SET disabled_at = now() WHERE id = $1', [id]);
  return username;
}

describe('POST /login refuses', () => {
  it('an unknown name, a wrong password and a disabled user with the same answer', async () => {
    const { username } = await given.aUser();
    const disabled = await aDisabledUser();
    const refusals = await Promise.all([
      login(aUsername()),
      login(username, 'not that password'),
      login(disabled),
      login(disabled, 'not that password'),
      login('x'.repeat(120)),
      login(username, ' '),
    ]);
    for (const refusal of refusals) {
      expectProblem(refusal, 'invalid_credentials');
      expect(refusal.body).toEqual(refusals[0].body);
      expect(fieldsToCompare(refusal.headers)).toEqual(fieldsToCompare(refusals[0].headers));
      expect(refusal.headers.get('cache-control')).toBe('no-store');
    }
  });

  it('with a challenge, as every 401 must have one', async () => {
    const refusal = await login(aUsername());
    expect(refusal.headers.get('www-authenticate')).toMatch(/^\w+/);
  });

  it('without a difference in the work: an unknown name costs a hash too', async () => {
    const { username } = await given.aUser();
    const timeOf = async (name: string) => {
      const start = performance.now();
      await login(name, 'not that password');
      return performance.now() - start;
    };
    const disabled = await aDisabledUser();
    const rounds = 24;
    const faster = { unknown: 0, disabled: 0 };
    for (let round = 0; round < rounds; round++) {
      const known = await timeOf(username);
      if ((await timeOf(aUsername())) < known) faster.unknown++;
      if ((await timeOf(disabled)) < known) faster.disabled++;
    }
    // Without a hash it is faster each time, by 20 ms and more; with one, as often as a coin falls: 23 of 24 times once in
    // a million runs, however noisy the machine is, since noise meets all of them.
    expect(faster.unknown).toBeLessThan(rounds - 1);
    expect(faster.disabled).toBeLessThan(rounds - 1);
  });

  it('a password that only begins or ends alike', async () => {
    const { username } = await given.aUser();
    for (const password of [` ${aPassword}`, `${aPassword} `, aPassword.toUpperCase(), aPassword.slice(0, -1)]) {
      expectProblem(await login(username, password), 'invalid_credentials');
    }
  });

  it('nobody for having been refused: no session is made', async () => {
    const { id, username } = await given.aUser();
    await login(username, 'not that password');
    expect(await service.database.run('SELECT 1 FROM sessions WHERE user_id = $1', [id])).toHaveLength(1);
  });
});

describe('POST /login', () => {
  it.each(['json', 'form'] as const)('answers a pair that works, of a new session: %s', async (kind) => {
    const { username, access: first } = await given.aUser();
    const answer = await service.api.post('/login', { [kind]: { username, password: aPassword } });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      message: `Logged in as ${username}`,
      token_type: 'Bearer',
      expires_in: 900,
      refresh_expires_in: 1_209_600,
      access_token: expect.any(String),
      refresh_token: expect.any(String),
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expectSecurityHeaders(answer.headers);
    const { access_token: access } = answer.body as { access_token: string };
    expect(claimsOf(access).sid).not.toBe(claimsOf(first).sid);
    expect(claimsOf(access).sub).toBe(claimsOf(first).sub);
    for (const token of [first, access]) expect((await service.api.get('/secret', { token })).status).toBe(200);
  });

  it('takes the name in any case, and answers it as it was registered', async () => {
    const { id, username } = await given.aUser(`Mixed.${aUsername()}`);
    for (const spelling of [username.toLowerCase(), username.toUpperCase()]) {
      const { body } = await login(spelling);
      expect(claimsOf(body.access_token as string).sub).toBe(id);
      expect(body.message).toBe(`Logged in as ${username}`);
    }
  });

  it('takes twenty logins of one user at once, each a session of its own', async () => {
    const { username } = await given.aUser();
    const answers = await Promise.all(Array.from({ length: 20 }, () => login(username)));
    const sids = answers.map(({ body }) => claimsOf(body.access_token as string).sid);
    expect(new Set(sids).size).toBe(20);
  });
});
