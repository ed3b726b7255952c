import { EmbeddedPostgresError } from './embedded-postgres.error.js';

export class OwnedByAnotherError extends EmbeddedPostgresError {
  constructor(dataDir: string, ownerPid: number | undefined) {
    super(
      `Another Recant (process ${ownerPid ?? 'unknown'}) already uses DATA_DIR ${dataDir}; stop it, or set another DATA_DIR or DATABASE_URL.`,
    );
  }
}
