import { ConfigurationError } from './config/configuration-error.js';
import { EmbeddedPostgresError } from './database/embedded-postgres/embedded-postgres.js';
import { translateDatabaseError } from './database/translate-database-error.js';

/** A fault of how a command was called, in words for who called it. */
export class UsageError extends Error {}

/** Ends the process with what its operator has to know: a sentence for what they can mend, a stack for what we must. */
export function endWith(error: unknown): never {
  console.error(sentenceOf(error) ?? error);
  process.exit(1);
}

/**
 * What was thrown and where, for a log of one line each. Not what else an error carries, nor what is no error: the values of
 * a statement, a request with its token.
 */
export function faultInOneLine(fault: unknown): string {
  if (!(fault instanceof Error)) return `not an Error but a value of type ${typeof fault}`;
  const cause = fault.cause === undefined ? '' : `; caused by ${faultInOneLine(fault.cause)}`;
  return `${(fault.stack ?? String(fault)).replaceAll(/\s*\n\s*/g, ' | ')}${cause}`;
}

function sentenceOf(error: unknown): string | null {
  if (error instanceof ConfigurationError || error instanceof EmbeddedPostgresError || error instanceof UsageError) {
    return error.message;
  }
  if (hasCode(error, 'EADDRINUSE')) return `${error.message}; stop what listens there, or set PORT.`;
  if (hasCode(error, 'EACCES') || hasCode(error, 'EADDRNOTAVAIL')) return `${error.message}; set HOST and PORT.`;
  const unavailable = translateDatabaseError(error);
  return unavailable && `The database cannot be used: ${unavailable.reason}. DATABASE_URL says which one it is.`;
}

function hasCode(error: unknown, code: string): error is Error {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
