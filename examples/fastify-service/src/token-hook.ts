import { type AccessTokenClaims, type Verifier, VerifierError } from '@recant/token-verifier';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the token that the request brought; there on every route behind `requireToken`. */
    claims: AccessTokenClaims;
  }
}

/** Closes all routes of an instance to requests without an access token that counts. */
export function requireToken(fastify: FastifyInstance, verifier: Verifier): void {
  fastify.decorateRequest('claims');
  fastify.addHook('onRequest', async (request, reply) => {
    const token = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    // The reply that is sent here ends the request: Fastify calls no hook and no route after it.
    if (token === undefined) return challenge(reply, 'Bearer');
    try {
      request.claims = await verifier.verify(token);
      return undefined;
    } catch (error) {
      return refuse(request, reply, error);
    }
  });
}

function refuse(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  if (!(error instanceof VerifierError)) throw error;
  request.log.info(error);
  if (error.isRefusal) return challenge(reply, 'Bearer error="invalid_token"');
  return reply.code(503).header('retry-after', '2').send({ error: 'temporarily_unavailable' });
}

function challenge(reply: FastifyReply, field: string): FastifyReply {
  return reply.code(401).header('www-authenticate', field).send({ error: 'unauthorized' });
}
