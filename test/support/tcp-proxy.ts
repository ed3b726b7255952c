import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Stands between the service and its database, and can freeze: sockets stay open, and nothing passes any more. Or it lets
 * all of the database's words pass late.
 */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private isFrozen = false;
  private answerDelayMs = 0;
  private lastWords: string | undefined;

  private constructor(private readonly server: Server) {}

  static async to(databaseUrl: string): Promise<{ proxy: TcpProxy; url: string }> {
    const target = new URL(databaseUrl);
    const server = createServer();
    const proxy = new TcpProxy(server);
    server.on('connection', (client) => proxy.join(client, connect(Number(target.port || 5432), target.hostname)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(databaseUrl);
    url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { proxy, url: url.href };
  }

  /** Lets a statement with this text through to the database, and from then on nothing, not even its answer. */
  freezeAfter(text: string): void {
    this.lastWords = text;
  }

  freeze(): void {
    this.isFrozen = true;
  }

  /** What was held back passes now, in order, as after a network that was slow. */
  thaw(): void {
    this.isFrozen = false;
    for (const socket of this.sockets) socket.resume();
  }

  /** From now on, whatever the database says arrives this much later, in order and none of it lost. */
  delayAnswers(ms: number): void {
    this.answerDelayMs = ms;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket, database: Socket): void {
    this.pass(client, database, () => 0);
    this.pass(database, client, () => this.answerDelayMs);
  }

  private pass(from: Socket, to: Socket, delayMs: () => number): void {
    this.sockets.add(from);
    from.on('data', (bytes) => {
      if (this.isFrozen) {
        from.pause().unshift(bytes);
        return;
      }
      if (delayMs() > 0) setTimeout(() => to.write(bytes), delayMs()).unref();
      else to.write(bytes);
      if (this.lastWords !== undefined && bytes.includes(this.lastWords)) {
        this.lastWords = undefined;
        this.isFrozen = true;
      }
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
  }
}
