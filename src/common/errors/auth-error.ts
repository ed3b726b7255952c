import { type ErrorCode } from './error-catalog.js';

/** A wrong field of a request: where, and what is expected there. */
export interface FieldError {
  field: string;
  message: string;
}

interface AuthErrorOptions {
  /** For the log only: why, in words that may tell more than a client should know. */
  reason?: string;
  /** For the log only: the error underneath. */
  cause?: unknown;
  /** For the wire: the fields that were wrong. */
  errors?: FieldError[];
  /** For the wire: header fields that go with the refusal, such as `Allow`. */
  headers?: Record<string, string>;
}

/**
 * A refusal with one of the catalog's codes. Services throw it; `ProblemFilter` writes it. `reason` and `cause` never
 * reach the wire.
 */
export class AuthError extends Error {
  readonly reason: string | undefined;
  readonly errors: FieldError[] | undefined;
  readonly headers: Record<string, string>;

  constructor(
    readonly code: ErrorCode,
    options: AuthErrorOptions = {},
  ) {
    super(options.reason ? `${code}: ${options.reason}` : code, { cause: options.cause });
    this.name = 'AuthError';
    this.reason = options.reason;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }
}
