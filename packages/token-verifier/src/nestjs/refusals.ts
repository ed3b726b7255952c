import { HttpException } from '@nestjs/common';

/** @internal What a client is told in `WWW-Authenticate` (RFC 6750 §3, RFC 9470 §3). */
export interface Challenge {
  error?: 'invalid_token' | 'insufficient_scope' | 'insufficient_user_authentication';
  scope?: string;
  max_age?: number;
}

const STATUSES = { invalid_token: 401, insufficient_scope: 403, insufficient_user_authentication: 401 } as const;

const MESSAGES = {
  missing_token: 'The request needs an access token.',
  invalid_token: 'The access token does not count, or no longer.',
  insufficient_scope: 'The access token does not allow this.',
  insufficient_user_authentication: 'The login is too long ago for this; log in again.',
  temporarily_unavailable: 'Whether the access token counts is not known at the moment.',
} as const;

/** Seconds after which a client may try again when nothing could be known: a stream is there again well within it. */
const RETRY_AFTER_SECONDS = 2;

/** @internal Anything with a header to set: Express and Fastify name it differently. */
export interface Reply {
  header?: (name: string, value: string) => unknown;
  setHeader?: (name: string, value: string) => unknown;
}

/** @internal A refusal that is ready to be thrown; its header is set. A request without a token gets no `error`. */
export function refusal(reply: Reply, challenge: Challenge): HttpException {
  setHeader(reply, 'www-authenticate', ['Bearer', parametersOf(challenge)].join(' ').trim());
  const status = challenge.error === undefined ? 401 : STATUSES[challenge.error];
  return new HttpException(bodyOf(status, challenge.error ?? 'missing_token'), status);
}

/** @internal Nothing could be known of the token: neither taken nor refused. */
export function unavailable(reply: Reply, cause: Error): HttpException {
  setHeader(reply, 'retry-after', String(RETRY_AFTER_SECONDS));
  return new HttpException(bodyOf(503, 'temporarily_unavailable'), 503, { cause });
}

/** As Nest's own refusals are, with a code for programs. */
function bodyOf(statusCode: number, error: keyof typeof MESSAGES) {
  return { statusCode, error, message: MESSAGES[error] };
}

function parametersOf(challenge: Challenge): string {
  return Object.entries(challenge)
    .map(([name, value]) => (typeof value === 'number' ? `${name}=${value}` : `${name}="${value}"`))
    .join(', ');
}

function setHeader(reply: Reply, name: string, value: string): void {
  if (reply.header) reply.header(name, value);
  else reply.setHeader?.(name, value);
}
