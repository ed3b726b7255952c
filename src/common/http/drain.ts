import { type FastifyInstance } from 'fastify';

/** Milliseconds that a connection has for its next request after the service has stopped to take new ones. */
const GRACE_MS = 1_000;

/** Milliseconds after which every connection is closed: what is still half-sent by then is not coming. */
const DEADLINE_MS = 8_000;

/**
 * Ends connections as the service stops, without losing a request that has arrived.
 *
 * Node's own way loses some and waits for others: it resets every connection without a request at that moment, also one
 * whose request is in the socket and not read yet, and lets a busy one stay open after its answer for as long as the
 * client likes. Here each gets a last answer that says `Connection: close`, or is closed after the grace period.
 */
export function endConnectionsOnStop(fastify: FastifyInstance): void {
  const { server } = fastify;
  const closeIdleConnections = server.closeIdleConnections.bind(server);
  // `server.close()` calls it first thing.
  server.closeIdleConnections = () => {
    setTimeout(closeIdleConnections, GRACE_MS).unref();
    // Node stops its own timeouts with the server, so a request of which half has come would hold it open for ever.
    setTimeout(() => server.closeAllConnections(), DEADLINE_MS).unref();
  };
  let isStopping = false;
  fastify.addHook('preClose', (done) => {
    isStopping = true;
    done();
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (isStopping) void reply.header('connection', 'close');
    done(null, payload);
  });
}
