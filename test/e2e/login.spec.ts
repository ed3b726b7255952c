import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPassword, aUsername, Given } from '../support/given.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, PostgreSQL, argon2. Every answer is held against the OpenAPI document.
let service: TestService;
let given: Given;

beforeAll(async () => {
  service = await startService();
  given = new Given(service);
});
afterAll(() => service.stop());

describe('POST /login', () => {
  it('refuses an unknown name, a wrong password and a disabled user with the same answer', async () => {
    const { username } = await given.aUser();
    const disabled = await given.aUser();
    await service.database.run('UPDATE users SET disabled_at = now() WHERE id = $1', [disabled.id]);
    const refusals = await Promise.all([
      service.api.post('/login', { json: { username: aUsername(), password: aPassword } }),
      service.api.post('/login', { json: { username, password: 'not that password' } }),
      service.api.post('/login', { json: { username: disabled.username, password: aPassword } }),
    ]);
    for (const refusal of refusals) {
      expect(refusal.status).toBe(401);
      expect(refusal.body).toEqual(refusals[0].body);
      expect([...refusal.headers.keys()]).toEqual([...refusals[0].headers.keys()]);
    }
    expect(refusals[0].body.code).toBe('invalid_credentials');
  });
});
