import { AuthError } from '../../common/errors/auth-error.js';

/** Who a request says it is, and by what it proves it: null for a client that has no secret. */
export interface PresentedCredentials {
  id: string;
  secret: string | null;
}

interface OAuthRequest {
  headers: { authorization?: string | undefined };
  body: unknown;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the two ways in which RFC 6749 §2.3.1 lets a client say who it is: the header field, or parameters of the form.
 *
 * @throws AuthError `invalid_client` without either, `invalid_request` with both.
 */
export function presentedCredentials({ headers, body }: OAuthRequest): PresentedCredentials {
  const id = parameterOf(body, 'client_id');
  const secret = parameterOf(body, 'client_secret');
  if (headers.authorization === undefined) {
    if (id === null) throw new AuthError('invalid_client', { reason: 'no client_id' });
    return { id, secret };
  }
  // RFC 6749 §2.3: one way in each request.
  if (secret !== null) throw new AuthError('invalid_request', { reason: 'two ways of client authentication' });
  const inHeader = readBasic(headers.authorization);
  if (id !== null && id !== inHeader.id) throw new AuthError('invalid_request', { reason: 'two different clients' });
  return inHeader;
}

/** RFC 6749 §3.2: a parameter without a value is as if it had not been sent. */
function parameterOf(body: unknown, name: string): string | null {
  const value = (body as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** RFC 7617 §2, with both parts form-encoded inside, so that a colon or a letter beyond ASCII can be part of them. */
function readBasic(field: string): PresentedCredentials {
  const match = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(field);
  if (!match) throw malformed();
  try {
    const text = utf8.decode(Buffer.from(match[1]!, 'base64'));
    const [, id, secret] = /^([^:]+):(.+)$/s.exec(text)!;
    return { id: decodeFormText(id!), secret: decodeFormText(secret!) };
  } catch (cause) {
    throw malformed(cause);
  }
}

function decodeFormText(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

function malformed(cause?: unknown): AuthError {
  return new AuthError('invalid_client', { reason: 'malformed Authorization field', cause });
}
