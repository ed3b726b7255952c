// Access tokens as the service itself would issue them, by its own code and its own key, without the logins before.
import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';

const DAY_MS = 86_400_000;

/**
 * Brings the schema up to date, makes the keys, and signs with them. It is the service without its HTTP, in this process,
 * so nothing of it is to be measured.
 *
 * @param {Record<string, string>} variables those of the services that are to accept the tokens
 * @param {import('./cleanup.mjs').Cleanup} cleanup
 * @returns {Promise<(count: number) => string[]>} makes so many tokens, each of a user and a session of its own
 */
export async function openMint(variables, cleanup) {
  const { AppModule } = await import('../../dist/app.module.js');
  const { readEnvironment } = await import('../../dist/config/read-environment.js');
  const { KeyWatch } = await import('../../dist/tokens/keys/key-watch.js');
  const { AccessTokenService } = await import('../../dist/tokens/access/access-token.service.js');
  const app = await NestFactory.createApplicationContext(
    AppModule.with(readEnvironment(variables), variables.DATABASE_URL),
    { logger: false, abortOnError: false },
  );
  cleanup.add(() => app.close());
  await app.get(KeyWatch).start();
  const accessTokens = app.get(AccessTokenService);
  return (count) => Array.from({ length: count }, () => accessTokens.issue(aMoment(), []));
}

function aMoment() {
  const now = new Date();
  const session = {
    id: randomUUID(),
    userId: randomUUID(),
    clientId: 'recant',
    resource: null,
    issueNumber: '1',
    createdAt: now,
    idleExpiresAt: new Date(now.getTime() + DAY_MS),
  };
  return { session, now };
}
