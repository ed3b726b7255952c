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
  const known = (request.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  const isKnown = known.includes(etag) || known.includes('*');
  if (isKnown) void reply.code(304);
  return isKnown;
}
