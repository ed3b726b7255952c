import { EventEmitter } from 'node:events';
import { type ClientConfig } from 'pg';
import { type Environment } from '../config/environment.js';
import { ANSWER_TIMEOUT_MS, CONNECT_TIMEOUT_MS, sslOptions } from './data-source-options.js';
import { ListeningConnection } from './listening-connection.js';
import { reconnectDelayMs } from './reconnect-delay.js';

/** Milliseconds that a connection must stand before the waits between attempts begin anew from the shortest. */
const SETTLED_MS = 2_000;

/** Milliseconds of silence after which the system asks whether the other side is still there. */
const KEEPALIVE_MS = 10_000;

interface ListenerEvents {
  /** It listens on every channel. What is committed from here on is heard, until `disconnected`. */
  connected: [ListeningConnection];
  /** Nothing is heard, for this reason, until `connected`. */
  disconnected: [Error];
}

/**
 * Keeps the one connection open that LISTENs, and opens the next when it ends. What was notified in between is lost: who
 * listens reads anew at each `connected`.
 */
export class PostgresListener extends EventEmitter<ListenerEvents> {
  private readonly config: ClientConfig;
  private readonly handlers = new Map<string, (text: string) => void>();
  private connection: ListeningConnection | undefined;
  private timer: NodeJS.Timeout | undefined;
  private settled: NodeJS.Timeout | undefined;
  private attempt = 0;
  private isStopped = false;

  constructor(url: string, { databaseSsl }: Pick<Environment, 'databaseSsl'>) {
    super();
    this.config = {
      connectionString: url,
      ssl: sslOptions[databaseSsl],
      application_name: 'recant-feed',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEPALIVE_MS,
    };
  }

  /** From the next connection on, `handler` gets what is notified on this channel, in the order of the commits. */
  listen(channel: string, handler: (text: string) => void): void {
    this.handlers.set(channel, handler);
  }

  /** The first connection. @throws what kept it from being made; then nothing is left open. */
  async start(): Promise<void> {
    await this.connect();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.settled);
    await this.connection?.close();
  }

  private async connect(): Promise<void> {
    let isListening = false;
    const connection = new ListeningConnection(this.config, {
      onNotification: (channel, text) => this.handlers.get(channel)?.(text),
      onEnd: (reason) => {
        if (isListening) this.end(reason);
      },
    });
    this.connection = connection;
    // `pg` limits the time to connect; this limit is for the statements after it.
    const impatience = setTimeout(
      () => connection.breakOff(new Error('no answer to LISTEN')),
      CONNECT_TIMEOUT_MS + ANSWER_TIMEOUT_MS,
    ).unref();
    try {
      await connection.open(this.handlers.keys());
    } catch (error) {
      connection.breakOff(error as Error);
      throw error;
    } finally {
      clearTimeout(impatience);
    }
    isListening = true;
    this.settled = setTimeout(() => (this.attempt = 0), SETTLED_MS).unref();
    this.emit('connected', connection);
  }

  private end(reason: Error): void {
    clearTimeout(this.settled);
    this.connectLater();
    this.emit('disconnected', reason);
  }

  private connectLater(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.connect().catch(() => this.connectLater());
    }, reconnectDelayMs(this.attempt++));
  }
}
