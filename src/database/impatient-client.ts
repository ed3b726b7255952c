import { Client, type QueryConfig } from 'pg';

/**
 * Ends its connection when an answer does not come in time. `pg` by itself would keep it: the transaction that gave up
 * would stay open on it, and the next request that borrows it would commit the other's half.
 */
export class ImpatientClient extends Client {
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

  /** Whether the connection is of no more use after an error. */
  protected isUselessAfter({ message }: Error): boolean {
    return message === 'Query read timeout';
  }

  /** At once, so that the pool does not lend it again: it does not wait for an answer that is not coming. */
  private endIfUseless(error: Error | null): void {
    if (error !== null && this.isUselessAfter(error)) void this.end();
  }
}
