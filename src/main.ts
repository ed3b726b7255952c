import { type LoggerService } from '@nestjs/common';
import { type Environment } from './config/environment.js';
import { readEnvironment } from './config/read-environment.js';
import { openDatabase } from './database/database-connection.js';
import { endWith } from './end-with.js';
import { ServiceLogger } from './service-logger.js';
import { type Running, stopWhenAsked } from './stop.js';
import { welcome } from './welcome.js';

async function main(): Promise<void> {
  const environment = readEnvironment();
  const logger = new ServiceLogger(environment);
  warnOfPlainIssuer(environment, logger);
  const starting = start(environment, logger);
  // Before the start is over: a signal in the middle of it must not leave the embedded database behind.
  stopWhenAsked(starting, logger);
  const { app } = await starting;
  logger.log(welcome(await app.getUrl(), environment), 'Recant');
  // Now, and not at the first registration, which would wait for it; nor before, when the first answer would.
  const { CommonPasswords } = await import('./users/common-passwords.js');
  await app.get(CommonPasswords).load();
}

async function start(environment: Environment, logger: LoggerService): Promise<Running> {
  // The database starts while Node reads the files of the service; one after the other takes a third longer.
  const service = import('./create-app.js');
  const database = await openDatabase(environment, (line) => logger.log(line, 'Database'));
  try {
    const { createApp } = await service;
    const app = await createApp(environment, database.url, logger);
    await app.listen(environment.port, environment.host);
    return { app, database };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Allowed, since TLS may end at a proxy that rewrites nothing; but a token service that is reached without TLS is open. */
function warnOfPlainIssuer({ isProduction, issuer }: Environment, logger: LoggerService): void {
  if (isProduction && issuer.startsWith('http:')) logger.warn(`ISSUER ${issuer} is not https.`, 'Recant');
}

main().catch(endWith);
