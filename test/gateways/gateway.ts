import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pollUntil } from '../../src/database/embedded-postgres/polling.js';
import { type Answer } from '../support/api-client.js';
import { exchange, rawRequest } from '../support/raw-http.js';
import { freePort } from '../support/service.js';

/** Where a gateway finds what it stands between, and the address at which it asks Recant, if not the example's. */
export interface Surroundings {
  recant: string;
  service: string;
  path?: string;
}

/** A kind of gateway: its example, and how the program is started with it in a folder of its own. */
export interface GatewayKind {
  example: string;
  /** The address of the gateway as the example writes it, and as it writes another port. */
  listen: (port: number) => string;
  /** Fields of the caller that this kind takes away beside those that every kind does. */
  forged: string[];
  command: (config: string, folder: string) => Promise<[program: string, ...args: string[]]>;
}

/** A real gateway with the configuration of examples/gateways, in which nothing but addresses is changed. */
export class Gateway {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(kind: GatewayKind, surroundings: Surroundings): Promise<Gateway> {
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), 'recant-gateway-'));
    const config = join(folder, 'example');
    await writeFile(config, await filledIn(kind, surroundings, port));
    const [program, ...args] = await kind.command(config, folder);
    const child = spawn(program, args, {
      cwd: folder,
      env: { HOME: folder, CADDY_ADMIN: `unix/${folder}/admin`, PATH: process.env['PATH'] },
    });
    const gateway = new Gateway(`http://127.0.0.1:${port}`, child, folder);
    await gateway.listening(port);
    return gateway;
  }

  /** One request on a connection of its own, with these header fields as they stand. */
  send(firstLine: string, fields: string[] = [], body = ''): Promise<Answer> {
    return exchange(this.url, rawRequest(firstLine, fields, body));
  }

  async stop(): Promise<void> {
    const { child, folder } = this;
    if (child.exitCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    await rm(folder, { recursive: true });
  }

  private async listening(port: number): Promise<void> {
    const lines: string[] = [];
    const keep = (text: Buffer): void => void lines.push(text.toString());
    for (const stream of [this.child.stdout!, this.child.stderr!]) stream.on('data', keep);
    // A test that fails half-way leaves nothing running.
    const kill = (): void => void this.child.kill('SIGKILL');
    process.once('exit', kill);
    this.child.once('exit', () => process.off('exit', kill));
    const takesConnections = async (): Promise<true | undefined> => {
      if (this.child.exitCode !== null) throw new Error(`ended at once:\n${lines.join('')}`);
      const socket = connect(port, '127.0.0.1');
      const isOpen = await once(socket, 'connect').then(
        () => true as const,
        () => undefined,
      );
      socket.destroy();
      return isOpen;
    };
    const isListening = await pollUntil(takesConnections, { everyMs: 10, timeoutMs: 20_000 });
    if (!isListening) throw new Error(`does not listen:\n${lines.join('')}`);
  }
}

/** The example with the addresses of this run; each must stand there once, or what is tested is not what is shipped. */
async function filledIn(kind: GatewayKind, surroundings: Surroundings, port: number): Promise<string> {
  const text = await readFile(kind.example, 'utf8');
  const changes = new Map([
    [kind.listen(8080), kind.listen(port)],
    ['127.0.0.1:3000', new URL(surroundings.recant).host],
    ['127.0.0.1:4000', new URL(surroundings.service).host],
    ['/forward-auth', surroundings.path ?? '/forward-auth'],
  ]);
  for (const documented of changes.keys()) {
    const times = text.split(documented).length - 1;
    if (times !== 1) throw new Error(`${kind.example} has ${documented} ${times} times`);
  }
  // In one pass: what was put in may look like what is still to be replaced.
  const documented = [...changes.keys()].map((address) => address.replace(/[.{]/g, '\\$&')).join('|');
  return text.replace(new RegExp(documented, 'g'), (address) => changes.get(address)!);
}
