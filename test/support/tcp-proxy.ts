import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between the service and its database, and can freeze: sockets stay open, and nothing passes any more. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private isFrozen = false;
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

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket, database: Socket): void {
    this.pass(client, database);
    this.pass(database, client);
  }

  private pass(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('data', (bytes) => {
      if (this.isFrozen) {
        from.pause().unshift(bytes);
        return;
      }
      to.write(bytes);
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
