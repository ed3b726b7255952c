import { type Environment } from '../config/environment.js';
import {
  attachEmbeddedPostgres,
  type ConnectionParameters,
  startEmbeddedPostgres,
} from './embedded-postgres/embedded-postgres.js';

/** The database that this process uses, and how to let go of it when everything that uses it has ended. */
export interface DatabaseConnection {
  /** `postgres://…`, for `pg` and TypeORM alike. */
  readonly url: string;
  close(): Promise<void>;
}

/** The server that DATABASE_URL names, or else the embedded one, started for this process and stopped by `close`. */
export async function openDatabase(environment: Environment, log: (line: string) => void): Promise<DatabaseConnection> {
  if (environment.databaseUrl !== undefined) {
    return { url: environment.databaseUrl, close: () => Promise.resolve() };
  }
  const server = await startEmbeddedPostgres({ dataDir: environment.dataDir, log });
  return { url: connectionUrl(server.connection), close: () => server.stop() };
}

/** For command line tools: the database of a service that may be running meanwhile. */
export async function joinDatabase(environment: Environment, log: (line: string) => void): Promise<DatabaseConnection> {
  const running = environment.databaseUrl === undefined && (await attachEmbeddedPostgres(environment));
  if (!running) return openDatabase(environment, log);
  return { url: connectionUrl(running), close: () => Promise.resolve() };
}

export function connectionUrl({ host, port, user, password, database }: ConnectionParameters): string {
  return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}
