import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { AuthError } from '../errors/auth-error.js';

/**
 * Fields of which a second one must not be there: Node would take the first, and a proxy in front of us the last, so that
 * the two would speak of different hosts, callers or bodies.
 */
const SINGLE_FIELDS = new Set(['host', 'authorization', 'content-type']);

/** Refuses what Node lets pass although RFC 9112 does not. */
export function refuseMalformedRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const reason = faultOf(request);
    if (reason) done(new AuthError('malformed_request', { reason }));
    else done();
  });
}

function faultOf({ raw }: FastifyRequest): string | null {
  // RFC 9112 §3.2: 400 for an HTTP/1.1 request without a Host field. Node's own refusal would not have our shape.
  if (raw.httpVersion === '1.1' && raw.headers.host === undefined) return 'no Host';
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
