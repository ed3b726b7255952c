import { createVerifier } from '@recant/token-verifier';
import Fastify from 'fastify';
import { port, verifierOptions } from './environment.js';
import { requireToken } from './token-hook.js';

const verifier = createVerifier(verifierOptions());
// Not awaited: the service comes up while Recant is away, and then answers 503.
void verifier.start();

const fastify = Fastify();
fastify.get('/health', () => verifier.status());
fastify.addHook('onClose', () => verifier.close());

await fastify.register(async (closed) => {
  requireToken(closed, verifier);
  closed.get('/orders', ({ claims }) => [{ of: claims.sub, what: 'a book' }]);
  closed.get('/orders/all', async ({ claims }, reply) => {
    if (claims.roles?.includes('admin')) return [];
    return reply.code(403).header('www-authenticate', 'Bearer error="insufficient_scope"').send({ error: 'forbidden' });
  });
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void fastify.close());
console.log(`Orders are at ${await fastify.listen({ port, host: '127.0.0.1' })}/orders`);
