import { type LoggerService } from '@nestjs/common';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Environment } from './config/environment.js';
import { readEnvironment } from './config/read-environment.js';
import { type DatabaseConnection, openDatabase } from './database/database-connection.js';
import { endWith } from './end-with.js';
import { ServiceLogger } from './service-logger.js';
import { welcome } from './welcome.js';

/** Milliseconds for a stop, embedded database included; longer, and something hangs that no waiting will end. */
const STOP_TIMEOUT_MS = 30_000;

interface Running {
  app: NestFastifyApplication;
  database: DatabaseConnection;
}

async function main(): Promise<void> {
  const environment = readEnvironment();
  const logger = new ServiceLogger(environment);
  warnOfPlainIssuer(environment, logger);
  const starting = start(environment, logger);
  // Before the start is over: a signal in the middle of it must not leave the embedded database behind.
  stopOnSignal(starting, logger);
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

/** The service first, which finishes what it has begun, and the database after it. */
function stopOnSignal(starting: Promise<Running>, logger: LoggerService): void {
  const stop = async (signal: string): Promise<void> => {
    logger.log(`Stopping on ${signal}.`, 'Recant');
    setTimeout(() => endWith(new Error(`not stopped after ${STOP_TIMEOUT_MS} ms`)), STOP_TIMEOUT_MS).unref();
    const { app, database } = await starting;
    await app.close();
    await database.close();
    logger.log('Stopped.', 'Recant');
  };
  let stopping: Promise<void> | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // Not `once`: Ctrl-C under `npm start` arrives twice, from the terminal and from npm's helpers, and the second one
    // would end the process in the middle of its stop.
    process.on(signal, () => void (stopping ??= stop(signal).catch(endWith)));
  }
}

main().catch(endWith);
