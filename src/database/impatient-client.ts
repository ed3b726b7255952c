import { Client, type ClientConfig, type QueryConfig } from 'pg';

/** Milliseconds for the goodbye of a connection that is closed; one that is frozen would hold up the service's stop. */
const GOODBYE_MS = 500;

/**
 * Ends its connection when an answer does not come in time. `pg` by itself would keep it: the transaction that gave up
 * would stay open on it, and the next request that borrows it would commit the other's half.
 */
export class ImpatientClient extends Client {
  constructor(config: ClientConfig) {
    super(config);
    // Between the pool, which has stopped to listen for its errors, and TypeORM, which has not begun to, a connection that
    // the database ends would end the process. Nothing is lost by it: the next statement fails, and the pool drops it.
    this.on('error', () => undefined);
  }

  // pg's `query` has a dozen signatures; whichever is used, what comes back or is called back is looked at.
  override query(...args: unknown[]): never {
    const callback = args.at(-1);
    if (typeof callback === 'function') {
      args[args.length - 1] = (error: Error | null, result: unknown) => {
        this.endIfUseless(error);
        (callback as (error: Error | null, result: unknown) => void)(error, result);
      };
      return super.query(...(args as [QueryConfig])) as never;
    }
    const answer = super.query(...(args as [QueryConfig])) as Promise<unknown>;
    answer.catch?.((error: Error) => this.endIfUseless(error));
    return answer as never;
  }

  override end(...args: unknown[]): never {
    const impatience = setTimeout(() => this.destroySocket(), GOODBYE_MS).unref();
    this.once('end', () => clearTimeout(impatience));
    return super.end(...(args as [() => void])) as never;
  }

  /** Whether the connection is of no more use after an error. */
  protected isUselessAfter({ message }: Error): boolean {
    return message === 'Query read timeout';
  }

  /** At once, so that the pool does not lend it again: `pg` waits for no answer that is not coming. */
  private endIfUseless(error: Error | null): void {
    if (error !== null && this.isUselessAfter(error)) void (this.end() as Promise<void>);
  }

  private destroySocket(): void {
    const { connection } = this as unknown as { connection: { stream: { destroy(): void } } };
    connection.stream.destroy();
  }
}
