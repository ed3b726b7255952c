import { Client, type ClientConfig, escapeIdentifier } from 'pg';

/** Milliseconds for the goodbye of a connection that is closed; one that is frozen would never end. */
const GOODBYE_MS = 500;

interface ConnectionHandlers {
  onNotification(channel: string, text: string): void;
  /** Once, and at once: with the reason for which nothing will be heard any more. */
  onEnd(reason: Error): void;
}

/** One connection that listens, from its beginning to its end. */
export class ListeningConnection {
  private readonly client: Client;
  private closing: Promise<void> | undefined;
  private hasEnded = false;

  constructor(
    config: ClientConfig,
    private readonly handlers: ConnectionHandlers,
  ) {
    this.client = new Client(config);
    this.client.on('error', (error) => this.end(error));
    this.client.on('end', () => this.end(new Error('the connection was closed')));
    this.client.on('notification', ({ channel, payload = '' }) => {
      if (!this.hasEnded) handlers.onNotification(channel, payload);
    });
  }

  async open(channels: Iterable<string>): Promise<void> {
    await this.client.connect();
    for (const channel of channels) await this.client.query(`LISTEN ${escapeIdentifier(channel)}`);
  }

  /** Rows as lists of texts and numbers, which is half the work of objects. One statement at a time. */
  async query<Row extends unknown[]>(text: string, values: unknown[] = []): Promise<Row[]> {
    const { rows } = await this.client.query<Row>({ text, values, rowMode: 'array' });
    return rows;
  }

  /** Ends it without a word: what does not answer does not hear either. */
  breakOff(reason: Error): void {
    this.destroySocket();
    this.end(reason);
  }

  /** Ends it in order. */
  close(): Promise<void> {
    return (this.closing ??= this.sayGoodbye());
  }

  private async sayGoodbye(): Promise<void> {
    this.hasEnded = true;
    const impatience = setTimeout(() => this.destroySocket(), GOODBYE_MS);
    await this.client.end();
    clearTimeout(impatience);
  }

  private destroySocket(): void {
    // `pg` itself has no way to end a connection that does not wait for the other side.
    const { connection } = this.client as unknown as { connection: { stream: { destroy(): void } } };
    connection.stream.destroy();
  }

  private end(reason: Error): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.handlers.onEnd(reason);
  }
}
