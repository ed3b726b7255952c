import { TypeORMError } from 'typeorm';
import { AuthError } from '../common/errors/auth-error.js';

/** What `pg` and its pool say, without a code, when a connection is gone or none can be had in time. */
const connectionMessages =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|timeout expired|Query read timeout|Cannot use a pool after calling end)/;

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'EHOSTUNREACH',
]);

/**
 * Whatever the database could not do is a 503: the client may try again, and it must never read as done. That holds for
 * statements it refused too: a disk that is full and a table that is locked look alike from here.
 */
export function translateDatabaseError(error: unknown): AuthError | null {
  if (!isDatabaseError(error)) return null;
  return new AuthError('storage_unavailable', { reason: error.message, cause: error });
}

/** What is said when an answer or a connection was waited for in vain: the next one would not get it either. */
const unansweredMessages =
  /^(Query read timeout|timeout exceeded when trying to connect|timeout expired|Connection terminated due to connection timeout)/;

/** Whether the database did not answer in time; not that it refused, nor that it ended a connection. */
export function isUnanswered(error: unknown): boolean {
  return isDatabaseError(error) && unansweredMessages.test(error.message);
}

function isDatabaseError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error instanceof TypeORMError) return true;
  const { code } = error as NodeJS.ErrnoException;
  // A five-character code is an SQLSTATE: PostgreSQL refused the connection itself, as it does while it starts or stops.
  return networkCodes.has(code ?? '') || /^[0-9A-Z]{5}$/.test(code ?? '') || connectionMessages.test(error.message);
}
