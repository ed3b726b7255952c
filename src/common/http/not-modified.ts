import { createHash } from 'node:crypto';
import { type FastifyReply, type FastifyRequest } from 'fastify';

/**
 * Lets an answer be kept for `maxAgeSeconds` and asked for again with its ETag (RFC 9110 §13.1.2, RFC 9111 §5.2.2).
 * Whether the client has it already: then the answer is 304, without the body.
 */
export function isNotModified(
  request: FastifyRequest,
  reply: FastifyReply,
  body: unknown,
  maxAgeSeconds: number,
): boolean {
  const etag = `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url')}"`;
  void reply.headers({ etag, 'cache-control': `public, max-age=${maxAgeSeconds}` });
  const isKnown = isKnownTo(request, etag);
  if (isKnown) void reply.code(304);
  return isKnown;
}

/** Whether `If-None-Match` names this ETag. Compared weakly (RFC 9110 §13.1.2): a `W/` makes no difference. */
export function isKnownTo({ headers }: FastifyRequest, etag: string): boolean {
  const known = (headers['if-none-match'] ?? '').split(',').map((tag) => opaque(tag.trim()));
  return known.includes(opaque(etag)) || known.includes('*');
}

function opaque(etag: string): string {
  return etag.replace(/^W\//, '');
}
