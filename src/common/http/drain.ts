import { type IncomingMessage } from 'node:http';
import { type Socket } from 'node:net';
import { type FastifyInstance } from 'fastify';

/** Milliseconds that a connection has for its next request after the service has stopped to take new ones. */
const GRACE_MS = 1_000;

/** Milliseconds for the rest of a request of which a part has come: the slowest honest link sends 64 KiB in that time. */
const ARRIVAL_MS = 3_000;

/** Milliseconds after which every connection is closed. Who waits to log in is told after five that it will not be now. */
const DEADLINE_MS = 8_000;

/** Node keeps the answer under way at the socket, and its own `closeIdleConnections` looks there; there is no other way. */
type ServerSocket = Socket & { _httpMessage?: { req: IncomingMessage } | null };

/**
 * Ends connections as the service stops, without losing a request that has arrived.
 *
 * Node's own way loses some and waits for others: it resets every connection without a request at that moment, also one
 * whose request is in the socket and not read yet, and lets a busy one stay open after its answer for as long as the
 * client likes. Here each gets a last answer that says `Connection: close`, or is closed after the grace period. Node
 * also stops its own timeouts with the server, so a request of which half has come would hold it open for ever.
 */
export function endConnectionsOnStop(fastify: FastifyInstance): void {
  const { server } = fastify;
  const sockets = new Set<ServerSocket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const closeIdleConnections = server.closeIdleConnections.bind(server);
  // `server.close()` calls it first thing.
  server.closeIdleConnections = () => {
    setTimeout(closeIdleConnections, GRACE_MS).unref();
    setTimeout(() => closeUnlessArrived(sockets), ARRIVAL_MS).unref();
    setTimeout(() => server.closeAllConnections(), DEADLINE_MS).unref();
  };
  let isStopping = false;
  fastify.addHook('preClose', async () => {
    isStopping = true;
    // The server stops to listen next, and the system resets who has connected and was not taken. Two turns of the event loop
    // take them: in the first, it may have looked already.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (isStopping) void reply.header('connection', 'close');
    done(null, payload);
  });
}

/** All but those whose request is here to its last byte and being answered. */
function closeUnlessArrived(sockets: Iterable<ServerSocket>): void {
  for (const socket of sockets) {
    const { _httpMessage: answer } = socket;
    if (!answer?.req.complete) socket.destroy();
  }
}
