import { type RevocableClaims } from '@recant/revocation-set';
import { type EntityManager } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { RevocationQuestions } from './revocation-questions.js';

/** Not real: the database, whose answers come when the test says so. That its statement is right, test/e2e shows. */
class SlowDatabase {
  /** How many claims each query asked about, in order. */
  readonly sizes: number[] = [];
  private readonly pending: PromiseWithResolvers<{ place: number }[]>[] = [];

  query(_sql: string, [jtis]: [string[]]): Promise<{ place: number }[]> {
    this.sizes.push(jtis.length);
    const pending = withResolvers<{ place: number }[]>();
    this.pending.push(pending);
    return pending.promise;
  }

  async answer(...places: number[]): Promise<void> {
    (await this.next()).resolve(places.map((place) => ({ place })));
  }

  async fail(message: string): Promise<void> {
    (await this.next()).reject(new Error(message));
  }

  private async next(): Promise<PromiseWithResolvers<{ place: number }[]>> {
    while (this.pending.length === 0) await Promise.resolve();
    return this.pending.shift()!;
  }
}

interface PromiseWithResolvers<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
}

function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolvers!: Omit<PromiseWithResolvers<T>, 'promise'>;
  const promise = new Promise<T>((resolve, reject) => {
    resolvers = { resolve, reject };
  });
  return { promise, ...resolvers };
}

function ask(count: number) {
  const database = new SlowDatabase();
  const questions = new RevocationQuestions(database as unknown as EntityManager);
  const claims = { jti: '', sub: '', seq: 1, kid: '' } satisfies RevocableClaims;
  return { database, answers: Array.from({ length: count }, () => questions.ask(claims)) };
}

describe('questions to the database', () => {
  it('that come while a query is under way share the next one, and each gets its own answer', async () => {
    const { database, answers } = ask(4);
    await database.answer();
    expect(await answers[0]).toBe(false);
    await database.answer(1);
    expect(await Promise.all(answers)).toEqual([false, false, true, false]);
    expect(database.sizes).toEqual([1, 3]);
  });

  it('go on after a query that failed, which all that shared it hear of', async () => {
    const { database, answers } = ask(3);
    await database.fail('gone');
    await expect(answers[0]).rejects.toThrow('gone');
    await database.answer(0, 1);
    expect(await Promise.all(answers.slice(1))).toEqual([true, true]);
  });

  it('that wait for a query which nobody answers fail with it, and do not wait for another one', async () => {
    const { database, answers } = ask(3);
    await database.fail('Query read timeout');
    for (const answer of answers) await expect(answer).rejects.toThrow('Query read timeout');
    expect(database.sizes).toEqual([1]);
  });
});
