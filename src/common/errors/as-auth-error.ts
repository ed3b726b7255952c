import { HttpException } from '@nestjs/common';
import { AuthError } from './auth-error.js';
import { type ErrorCode } from './error-catalog.js';

/** Recognises the errors of one library and says which refusal each stands for; null for those it does not know. */
export type ErrorTranslator = (error: unknown) => AuthError | null;

/** What Nest and Fastify refuse by themselves, before any of our code runs, by the status they chose. */
const codeOfStatus: Record<number, ErrorCode> = {
  400: 'malformed_request',
  // Of files beside Swagger UI's page, as for `/docs/..`.
  403: 'not_found',
  404: 'not_found',
  408: 'request_timeout',
  413: 'payload_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
  431: 'headers_too_large',
};

/** Turns whatever was thrown into a refusal of the catalog; what nobody knows is an `internal_error`. */
export function asAuthError(error: unknown, translators: readonly ErrorTranslator[]): AuthError {
  if (error instanceof AuthError) return error;
  for (const translate of translators) {
    const translated = translate(error);
    if (translated) return translated;
  }
  const code = codeOf(statusOf(error));
  // Of what others refuse, no word goes to the log: their messages quote the address, which may hold a token.
  if (code !== 'internal_error') return new AuthError(code);
  return new AuthError(code, { reason: error instanceof Error ? error.message : String(error), cause: error });
}

function codeOf(status: number): ErrorCode {
  return codeOfStatus[status] ?? (status >= 400 && status < 500 ? 'malformed_request' : 'internal_error');
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  // Fastify's errors carry their status as a property.
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : 500;
}
