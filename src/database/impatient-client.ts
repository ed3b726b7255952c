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
        this.endIfUnanswered(error);
        (callback as (error: Error | null, result: unknown) => void)(error, result);
      };
      return super.query(...(args as [QueryConfig])) as never;
    }
    const answer = super.query(...(args as [QueryConfig])) as Promise<unknown>;
    answer.catch?.((error: Error) => this.endIfUnanswered(error));
    return answer as never;
  }

  private endIfUnanswered(error: Error | null): void {
    if (error?.message !== 'Query read timeout') return;
    const { connection } = this as unknown as { connection: { stream: { destroy(): void } } };
    connection.stream.destroy();
  }
}
