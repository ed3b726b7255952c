import { type Environment } from '../config/environment.js';
import { startEmbeddedPostgres } from './embedded-postgres/embedded-postgres.js';

/** The database that this process uses, and how to let go of it when everything that uses it has ended. */
export interface DatabaseConnection {
  /** `postgres://…`, for `pg` and TypeORM alike. */
  readonly url: string;
  close(): Promise<void>;
}

/** The parts of a connection, as the embedded PostgreSQL tells them. */
interface ConnectionParts {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/** The server that DATABASE_URL names, or else the embedded one, started for this process and stopped by `close`. */
export async function openDatabase(environment: Environment, log: (line: string) => void): Promise<DatabaseConnection> {
  if (environment.databaseUrl !== undefined) {
    return { url: environment.databaseUrl, close: () => Promise.resolve() };
  }
  const server = await startEmbeddedPostgres({ dataDir: environment.dataDir, log });
  return { url: connectionUrl(server.connection), close: () => server.stop() };
}

export function connectionUrl({ host, port, user, password, database }: ConnectionParts): string {
  return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}
