import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server as TcpServer,
  type Socket,
} from 'node:net';

/** A request as it arrived at the service behind the gateway. */
export interface Arrived {
  method: string;
  url: string;
  fields: [name: string, value: string][];
  body: { length: number; sha256: string };
}

/** The service behind the gateway: keeps what arrives, and answers with it. */
export class EchoService {
  readonly arrived: Arrived[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      void arrivedIn(request).then((arrived) => {
        this.arrived.push(arrived);
        const text = JSON.stringify(arrived);
        // Not in chunks, whatever version of HTTP the gateway speaks.
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
          .end(text);
      });
    });
  }

  static async start(): Promise<EchoService> {
    const service = new EchoService();
    await once(service.server.listen(0, '127.0.0.1'), 'listening');
    return service;
  }

  get url(): string {
    return urlOf(this.server);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** Stands between the gateway and Recant: keeps every byte of the gateway's, and can hold Recant's answers back. */
export class Wire {
  heard = '';
  isCut = false;
  private readonly sockets = new Set<Socket>();
  private readonly server: TcpServer;

  private constructor(target: string) {
    const { hostname, port } = new URL(target);
    this.server = createTcpServer((gateway) => this.join(gateway, connect(Number(port), hostname)));
  }

  static async to(target: string, port = 0): Promise<Wire> {
    const wire = new Wire(target);
    await once(wire.server.listen(port, '127.0.0.1'), 'listening');
    return wire;
  }

  get url(): string {
    return urlOf(this.server);
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private join(gateway: Socket, recant: Socket): void {
    gateway.on('data', (bytes: Buffer) => ((this.heard += bytes.toString('latin1')), recant.write(bytes)));
    recant.on('data', (bytes) => this.isCut || gateway.write(bytes));
    for (const [one, other] of [
      [gateway, recant],
      [recant, gateway],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => (this.sockets.delete(one), other.destroy()));
    }
  }
}

async function arrivedIn(request: IncomingMessage): Promise<Arrived> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk);
    length += chunk.length;
  }
  const raw = request.rawHeaders;
  const fields = raw.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, raw[i + 1]!]] : []));
  return { method: request.method!, url: request.url!, fields, body: { length, sha256: hash.digest('hex') } };
}

function urlOf(server: Server | TcpServer): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
