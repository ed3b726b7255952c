import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Duplex } from 'node:stream';
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

/** The request with a body that a connection came to last, and its answer. */
const current = new WeakMap<Duplex, { request: IncomingMessage; response: ServerResponse }>();

/** Keeps in mind that this request may turn out to be malformed further on, when it has its answer already. */
export function followBody(request: IncomingMessage, response: ServerResponse): void {
  const { headers, socket } = request;
  const hasBody = headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined;
  if (hasBody) current.set(socket, { request, response });
}

/** Answers in the one shape on a bare socket, where neither Nest nor Fastify has a request to answer. */
export function refuseClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  // A second answer would be taken for that to the next request.
  if (isAnswered(socket)) socket.end();
  else socket.end(rawResponse(new AuthError(codeOfParserError[error.code ?? ''] ?? 'malformed_request')));
  const impatience = setTimeout(() => socket.destroy(), GOODBYE_MS).unref();
  socket.once('close', () => clearTimeout(impatience));
}

function isAnswered(socket: Duplex): boolean {
  const last = current.get(socket);
  return last !== undefined && !last.request.complete && last.response.headersSent;
}

function rawResponse(refusal: AuthError): string {
  const { status, title } = errorCatalog[refusal.code];
  const body = JSON.stringify(problemOf(refusal.code));
  const fields = { ...problemHeaders(refusal), 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${title}`, ...head, '', body].join('\r\n');
}
