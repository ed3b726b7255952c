import { type LoggerService } from '@nestjs/common';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Environment } from './config/environment.js';
import { readEnvironment } from './config/read-environment.js';
import { type DatabaseConnection, openDatabase } from './database/database-connection.js';
import { failStart } from './fail-start.js';
import { ServiceLogger } from './service-logger.js';
import { welcome } from './welcome.js';

/** Milliseconds for a stop, embedded database included; longer, and something hangs that no waiting will end. */
const STOP_TIMEOUT_MS = 30_000;

async function main(): Promise<void> {
  const environment = readEnvironment();
  const logger = new ServiceLogger(environment);
  warnOfPlainIssuer(environment, logger);
  // The database starts while Node reads the few hundred files of the service; one after the other takes a third longer.
  const service = import('./create-app.js');
  const database = await openDatabase(environment, (line) => logger.log(line, 'Database'));
  try {
    const { createApp } = await service;
    const app = await createApp(environment, database.url, logger);
    await app.listen(environment.port, environment.host);
    stopOnSignal(app, database, logger);
    logger.log(welcome(await app.getUrl(), environment), 'Recant');
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
function stopOnSignal(app: NestFastifyApplication, database: DatabaseConnection, logger: LoggerService): void {
  const stop = async (signal: string): Promise<void> => {
    logger.log(`Stopping on ${signal}.`, 'Recant');
    setTimeout(() => failStart(new Error(`not stopped after ${STOP_TIMEOUT_MS} ms`)), STOP_TIMEOUT_MS).unref();
    await app.close();
    await database.close();
    logger.log('Stopped.', 'Recant');
  };
  let stopping: Promise<void> | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // Not `once`: Ctrl-C under `npm start` arrives twice, from the terminal and from npm's helpers, and the second one
    // would end the process in the middle of its stop.
    process.on(signal, () => void (stopping ??= stop(signal).catch(failStart)));
  }
}

main().catch(failStart);
