/** Why the embedded PostgreSQL cannot serve, as one clear sentence for the operator: print it and exit 1. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** Lets our own sentences through and gives what the operating system refused a sentence that names the folder. */
export function toOperatorError(error: unknown, dataDir: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  return new EmbeddedPostgresError(`The embedded PostgreSQL cannot use DATA_DIR ${dataDir}: ${error.message}.`, {
    cause: error,
  });
}
