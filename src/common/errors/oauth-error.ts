import { type AuthError } from './auth-error.js';
import { catalogEntry, type ErrorCode } from './error-catalog.js';
import { refusalHeaders } from './problem.js';

/** How the OAuth endpoints refuse (RFC 6749 §5.2). */
export interface OAuthError {
  error: string;
  error_description: string;
}

/** Codes of the catalog that are words of OAuth already: RFC 6749 §5.2, RFC 6750 §3.1, RFC 8707 §2. */
const oauthCodes = new Set<ErrorCode>([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
  'insufficient_scope',
]);

/** What OAuth calls every other refusal (RFC 6749 §4.1.2.1 has the words for those of a server). */
const errorOfStatus: Record<number, string> = { 500: 'server_error', 503: 'temporarily_unavailable' };

export function oauthErrorOf({ code, errors }: Pick<AuthError, 'code' | 'errors'>): OAuthError {
  const { status, detail, oauthDetail = detail } = catalogEntry(code);
  const description = errors?.map(({ message }) => message).join('; ') ?? oauthDetail;
  return {
    error: oauthCodes.has(code) ? code : (errorOfStatus[status] ?? 'invalid_request'),
    // RFC 6749 §5.2 allows these characters; the names of unknown fields may have others.
    error_description: description.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?'),
  };
}

/** The header fields that go with it. The challenge of a Bearer route would ask for what these endpoints do not take. */
export function oauthErrorHeaders(refusal: AuthError): Record<string, string> {
  const { 'www-authenticate': challenge, ...headers } = refusalHeaders(refusal);
  return {
    ...headers,
    ...(challenge?.startsWith('Basic') && { 'www-authenticate': challenge }),
    'content-type': 'application/json; charset=utf-8',
  };
}
