import { securityHeaders } from '../http/security-headers.js';
import { type AuthError, type FieldError } from './auth-error.js';
import { errorCatalog, type ErrorCode } from './error-catalog.js';

/** The content type of every refusal (RFC 9457 §3). */
export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** The one shape of a refusal: RFC 9457 problem details, with `code` for programs and `message` for older clients. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  /** The same text as `detail`: clients of the tutorial that Recant grew from read `message`. */
  message: string;
  errors?: FieldError[];
}

export function problemOf(code: ErrorCode, errors?: FieldError[]): Problem {
  const { status, title, detail } = errorCatalog[code];
  return {
    type: `urn:recant:error:${code}`,
    title,
    status,
    detail,
    code,
    message: detail,
    ...(errors && { errors }),
  };
}

/** How long ago a login may be, in seconds, for what asks for a recent one (RFC 9470). */
export const MAX_LOGIN_AGE_SECONDS = 300;

/** RFC 6750 §3: what a refused request should have brought. Only a token that was sent gets an `error`. */
const challenges: Partial<Record<ErrorCode, string>> = {
  missing_token: 'Bearer',
  // RFC 9110 §15.5.2 wants a challenge with every 401; there is no scheme for a form of name and password.
  invalid_credentials: 'Bearer',
  invalid_token: 'Bearer error="invalid_token"',
  // RFC 6749 §5.2: the scheme by which a client may prove who it is.
  invalid_client: 'Basic realm="recant"',
  insufficient_scope: 'Bearer error="insufficient_scope"',
  // RFC 9470 §3: the client learns how recent a login must be.
  insufficient_user_authentication: `Bearer error="insufficient_user_authentication", max_age=${MAX_LOGIN_AGE_SECONDS}`,
};

/** Seconds after which a refused client may try again; a restarted database is back well within it. */
const RETRY_AFTER_SECONDS = 2;

/** The header fields that go with a refusal in the one shape. */
export function problemHeaders(error: AuthError): Record<string, string> {
  return { ...refusalHeaders(error), 'content-type': PROBLEM_CONTENT_TYPE };
}

/** The header fields that go with a refusal, whatever its shape. */
export function refusalHeaders(error: AuthError): Record<string, string> {
  const challenge = challenges[error.code];
  return {
    ...securityHeaders,
    ...(challenge && { 'www-authenticate': challenge }),
    ...(errorCatalog[error.code].status === 503 && { 'retry-after': String(RETRY_AFTER_SECONDS) }),
    ...error.headers,
  };
}
