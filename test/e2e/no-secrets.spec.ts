import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { aPassword, aUsername, Given } from '../support/given.js';
import { startService, type TestService } from '../support/service.js';
import { segmentsOf } from '../support/tokens.js';

// That every other file of tests holds itself against this, whenever its database is dropped, is the point; here it is
// shown that it would find something. What spills is the test.
const spill = (text: string, service: TestService) =>
  service.database.run(
    `INSERT INTO audit_events (event, outcome, actor_type, details)
     VALUES ('login.refused', 'refused', 'anonymous', jsonb_build_object('reason', $1::text))`,
    [text],
  );

/** The secrets of one person, and of the service. */
async function secretsOf(service: TestService): Promise<[what: string, secret: string][]> {
  const user = await new Given(service).aUser();
  const admin = await new Given(service).anAdmin();
  const password = `${randomBytes(6).toString('hex')} 1`;
  await service.api.post('/login', { json: { username: aUsername(), password } });
  const json = { client_name: 'orders', scope: '' };
  const { body } = await service.api.post('/clients', { token: admin.access, json });
  return [
    ['a password that was right', aPassword],
    ['a password that was wrong', password],
    ['an access token', user.access],
    ['a refresh token', user.refresh],
    ['a signature alone', segmentsOf(user.access)[2]],
    ['the secret of a client', body.client_secret as string],
  ];
}

describe('a password, a token or a secret', () => {
  it.each([0, 1, 2, 3, 4, 5])('is found in the audit trail: number %i', async (number) => {
    const service = await startService();
    const [, secret] = (await secretsOf(service))[number]!;
    await spill(`wrong: ${secret}!`, service);
    await expect(service.stop()).rejects.toThrow('a password, a token or a secret is in');
  });

  it.each([0, 1, 2, 3, 4, 5])('is found in a line of the log: number %i', async (number) => {
    const service = await startService();
    const [, secret] = (await secretsOf(service))[number]!;
    new Logger('Test').debug(`wrong: ${secret}!`);
    await expect(service.stop()).rejects.toThrow('a password, a token or a secret is in');
  });

  it('is found in the log of the secret that the service itself keeps', async () => {
    const secret = randomBytes(32).toString('base64');
    const service = await startService({ ENCRYPTION_SECRET: secret });
    new Logger('Test').error(new Error(`cannot decrypt under ${secret}`));
    await expect(service.stop()).rejects.toThrow('a password, a token or a secret is in');
  });

  it('is not found where there is none', async () => {
    const service = await startService();
    await secretsOf(service);
    new Logger('Test').log('nothing to see');
    await expect(service.stop()).resolves.toBeUndefined();
  });
});
