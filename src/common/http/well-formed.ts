import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { AuthError } from '../errors/auth-error.js';
import { followBody, refuseClientError } from '../errors/client-error.js';

/**
 * Fields of which a second one must not be there: Node would take the first, and a proxy in front of us the last, so that
 * the two would speak of different hosts, callers or bodies.
 */
const SINGLE_FIELDS = new Set(['host', 'authorization', 'content-type']);

/** Refuses what Node lets pass although RFC 9112 does not, and what Node would refuse in a shape that is not ours. */
export function refuseMalformedRequests(fastify: FastifyInstance): void {
  const { server } = fastify;
  // RFC 9110 §10.1.1 lets us ignore what a client expects; Node would answer a bare 417.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  // Node would hang up. From here on nobody but us looks after this connection.
  server.on('connect', (_request, socket) => {
    const end = (): void => void socket.destroy();
    socket.on('error', end).on('finish', end);
    refuseClientError(new Error('CONNECT'), socket);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    followBody(request.raw, reply.raw);
    const reason = faultOf(request);
    if (reason) done(new AuthError('malformed_request', { reason }));
    else done();
  });
}

function faultOf({ raw }: FastifyRequest): string | null {
  // RFC 9112 §3.2: 400 for an HTTP/1.1 request without a Host field. Node's own refusal would not have our shape.
  if (raw.httpVersion === '1.1' && raw.headers.host === undefined) return 'no Host';
  // RFC 9112 §3.2: an address on the wire has none. Fastify would cut it off, a proxy before us may take it for a path.
  if (raw.url!.includes('#')) return 'a fragment in the address';
  const seen = new Set<string>();
  // Names and values stand in turns.
  for (let i = 0; i < raw.rawHeaders.length; i += 2) {
    const name = raw.rawHeaders[i]!.toLowerCase();
    if (!SINGLE_FIELDS.has(name)) continue;
    if (seen.has(name)) return `two ${name} fields`;
    seen.add(name);
  }
  return null;
}
