import { type Socket } from 'node:net';
import { AuthError } from './auth-error.js';
import { errorCatalog, type ErrorCode } from './error-catalog.js';
import { problemHeaders, problemOf } from './problem.js';

/** What Node's HTTP parser refuses before there is a request at all. */
const codeOfParserError: Record<string, ErrorCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** Milliseconds for the answer to be read; who keeps sending meanwhile would keep the connection for as long as it likes. */
const GOODBYE_MS = 1_000;

/** Answers in the one shape on a bare socket, where neither Nest nor Fastify has a request to answer. */
export function refuseClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = codeOfParserError[error.code ?? ''] ?? 'malformed_request';
  socket.end(rawResponse(new AuthError(code)));
  const impatience = setTimeout(() => socket.destroy(), GOODBYE_MS).unref();
  socket.once('close', () => clearTimeout(impatience));
}

function rawResponse(refusal: AuthError): string {
  const { status, title } = errorCatalog[refusal.code];
  const body = JSON.stringify(problemOf(refusal.code));
  const fields = { ...problemHeaders(refusal), 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${title}`, ...head, '', body].join('\r\n');
}
