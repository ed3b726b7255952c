import { type DataSourceOptions } from 'typeorm';
import { type Environment } from '../config/environment.js';
import { migrations } from './migrations/index.js';
import { PreparingClient } from './preparing-client.js';

/** Milliseconds until a connection must stand. Shorter than the 3 s within which a refused client hears of it. */
export const CONNECT_TIMEOUT_MS = 2_500;

/** Milliseconds that one statement may take. The slowest of ours takes a few; one that waits longer waits for a lock. */
const STATEMENT_TIMEOUT_MS = 2_000;

/**
 * Milliseconds after which we stop to wait for an answer. Longer than the database's own limit, so that it decides while
 * it can; this one is for a server or a network that has frozen, where the socket is open and nothing comes.
 */
export const ANSWER_TIMEOUT_MS = 2_500;

/** Milliseconds after which the database ends a transaction that its owner has forgotten, and frees its locks. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;

export const sslOptions = {
  off: false,
  require: { rejectUnauthorized: false },
  verify: { rejectUnauthorized: true },
} as const;

/** TypeORM's options for our database; shared by the service, the tests and the command line. */
export function dataSourceOptions(
  url: string,
  environment: Pick<Environment, 'databasePoolSize' | 'databasePreparedStatements' | 'databaseSsl'>,
) {
  return {
    type: 'postgres',
    url,
    ssl: sslOptions[environment.databaseSsl],
    applicationName: 'recant',
    poolSize: environment.databasePoolSize,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    extra: {
      statement_timeout: STATEMENT_TIMEOUT_MS,
      // A COMMIT is exempt from the limit of statements, and a revocation takes its last lock there.
      lock_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      Client: PreparingClient,
      preparedStatements: environment.databasePreparedStatements,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      keepAlive: true,
    },
    migrations,
    migrationsTableName: 'migrations',
    // `where: { id: undefined }` would mean "any row"; TypeORM 1.x throws by default, and here it is said aloud.
    invalidWhereValuesBehavior: { null: 'throw', undefined: 'throw' },
    synchronize: false,
    installExtensions: false,
  } as const satisfies DataSourceOptions;
}

/** The same database for migrations: one connection, and no limit to how long a change of a large table may take. */
export function migrationOptions(options: DataSourceOptions): DataSourceOptions {
  return { ...options, entities: [], poolSize: 1, extra: { keepAlive: true } } as DataSourceOptions;
}
