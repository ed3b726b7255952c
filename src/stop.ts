import { setTimeout as sleep } from 'node:timers/promises';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type DatabaseConnection } from './database/database-connection.js';
import { endWith, faultInOneLine } from './end-with.js';
import { type ServiceLogger } from './service-logger.js';

/** Milliseconds for a start in whose middle a stop is asked for: cut off, it could leave its database behind. */
const START_TIMEOUT_MS = 30_000;

/** Milliseconds for the service to finish what it has begun: those of `common/http/drain.ts`, and one for its connections. */
const CLOSE_TIMEOUT_MS = 9_000;

/** Milliseconds for a stop, embedded database included; longer, and something hangs that no waiting will end. */
const STOP_TIMEOUT_MS = 10_000;

export interface Running {
  app: NestFastifyApplication;
  database: DatabaseConnection;
}

/** Stops the service in order on a signal, and on a fault that nobody handled; once, whatever comes first. */
export function stopWhenAsked(starting: Promise<Running>, logger: ServiceLogger): void {
  let stopping: Promise<void> | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // Not `once`: Ctrl-C under `npm start` arrives twice, from the terminal and from npm's helpers, and the second one
    // would end the process in the middle of its stop.
    process.on(signal, () => {
      if (!stopping) logger.log(`Stopping on ${signal}.`, 'Recant');
      stopping ??= stop(starting, logger).catch(endWith);
    });
  }
  // What was left half done in memory nobody knows, so the service ends and is started anew by who runs it, but not before
  // it has answered what it can and let go of its database.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (fault: unknown) => {
      logger.fatal(`Stopping, since nobody handled a fault: ${faultInOneLine(fault)}`, 'Recant');
      process.exitCode = 1;
      stopping ??= stop(starting, logger).catch(endWith);
    });
  }
}

/** The service first, which finishes what it has begun, and the database after it, also when the service hangs or fails. */
async function stop(starting: Promise<Running>, logger: ServiceLogger): Promise<void> {
  const impatience = endAfter(START_TIMEOUT_MS, 'the start');
  const { app, database } = await starting;
  clearTimeout(impatience);
  endAfter(STOP_TIMEOUT_MS, 'the stop');
  try {
    await closeInTime(app);
  } finally {
    await database.close();
  }
  logger.log('Stopped.', 'Recant');
}

async function closeInTime(app: NestFastifyApplication): Promise<void> {
  const isClosed = await Promise.race([app.close().then(() => true), sleep(CLOSE_TIMEOUT_MS, false, { ref: false })]);
  if (!isClosed) throw new Error(`the service did not close within ${CLOSE_TIMEOUT_MS} ms`);
}

function endAfter(ms: number, what: string): NodeJS.Timeout {
  return setTimeout(() => endWith(new Error(`${what} was not over after ${ms} ms`)), ms).unref();
}
