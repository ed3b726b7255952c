import { availableParallelism } from 'node:os';
import { type CallHandler, type ExecutionContext } from '@nestjs/common';
import { firstValueFrom, Observable, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Clock } from '../common/clock.js';
import { PasswordQueue } from './password-queue.interceptor.js';

// Not real: the requests. Each is let in when somebody subscribes to its handler.
const AT_ONCE = 4 * availableParallelism();
const CONTEXT = aContext({ destroyed: false });

function aContext(socket: { destroyed: boolean }): ExecutionContext {
  return { switchToHttp: () => ({ getRequest: () => ({ socket }) }) } as unknown as ExecutionContext;
}

class SetClock extends Clock {
  ms = 0;

  override monotonicMs(): number {
    return this.ms;
  }
}

class Request implements CallHandler {
  isLetIn = false;
  readonly answer = new Subject<string>();

  handle(): Observable<string> {
    this.isLetIn = true;
    return this.answer;
  }

  end(text: string): void {
    this.answer.next(text);
    this.answer.complete();
  }
}

function asked(queue: PasswordQueue, count: number) {
  const requests = Array.from({ length: count }, () => new Request());
  const answers = requests.map((request) => firstValueFrom(queue.intercept(CONTEXT, request)));
  return { requests, answers };
}

/** Lets go on whoever may. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the queue for passwords', () => {
  it('lets in a few at once, and the next one, in order, when one of them has its answer', async () => {
    const { requests, answers } = asked(new PasswordQueue(new SetClock()), AT_ONCE + 2);
    const letIn = () => requests.filter(({ isLetIn }) => isLetIn).length;
    await turn();
    expect(letIn()).toBe(AT_ONCE);
    requests[1]!.end('done');
    expect(await answers[1]).toBe('done');
    await turn();
    expect([letIn(), requests.at(-1)!.isLetIn]).toEqual([AT_ONCE + 1, false]);
  });

  it('goes on after a refusal, which is told to who was refused', async () => {
    const queue = new PasswordQueue(new SetClock());
    for (let i = 0; i < AT_ONCE; i++) {
      const refused = queue.intercept(CONTEXT, { handle: () => throwError(() => new Error('refused')) });
      await expect(firstValueFrom(refused)).rejects.toThrow('refused');
    }
    const { requests, answers } = asked(queue, 1);
    await turn();
    requests[0]!.end('done');
    expect(await answers[0]).toBe('done');
  });

  it('turns away who would wait too long', async () => {
    const queue = new PasswordQueue(new SetClock());
    asked(queue, AT_ONCE);
    await turn();
    asked(queue, 512);
    expect(() => queue.intercept(CONTEXT, new Request())).toThrow(expect.objectContaining({ code: 'too_busy' }));
  });

  it('tells those who waited along with those who were in that the database does not answer, and tries anew after that', async () => {
    const clock = new SetClock();
    const queue = new PasswordQueue(clock);
    const { requests, answers } = asked(queue, AT_ONCE + 3);
    await turn();
    clock.ms = 2_500;
    const error = new Error('Query read timeout');
    for (const { answer } of requests.slice(0, AT_ONCE)) answer.error(error);
    for (const answer of answers) await expect(answer).rejects.toBe(error);
    expect(requests.filter(({ isLetIn }) => isLetIn)).toHaveLength(AT_ONCE);
    clock.ms = 2_501;
    const later = asked(queue, 1);
    await turn();
    later.requests[0]!.end('done');
    expect(await later.answers[0]).toBe('done');
  });

  it.each(['Connection terminated', 'canceling statement due to lock timeout'])(
    'tells nobody else of: %s',
    async (what) => {
      const clock = new SetClock();
      const { requests, answers } = asked(new PasswordQueue(clock), AT_ONCE + 1);
      await turn();
      clock.ms = 2_000;
      requests[0]!.answer.error(Object.assign(new Error(what), { code: '55P03' }));
      await expect(answers[0]).rejects.toThrow(what);
      await turn();
      requests.at(-1)!.end('done');
      expect(await answers.at(-1)).toBe('done');
    },
  );

  it('does nothing for who has hung up meanwhile', async () => {
    const queue = new PasswordQueue(new SetClock());
    const { requests } = asked(queue, AT_ONCE);
    const [socket, gone] = [{ destroyed: false }, new Request()];
    const answer = firstValueFrom(queue.intercept(aContext(socket), gone));
    await turn();
    socket.destroyed = true;
    requests[0]!.end('done');
    await expect(answer).rejects.toThrow('too_busy');
    expect(gone.isLetIn).toBe(false);
  });

  it('lets nobody in some seconds after a stop has begun, and answers them instead', async () => {
    const clock = new SetClock();
    const queue = new PasswordQueue(clock);
    const { requests, answers } = asked(queue, AT_ONCE + 3);
    await turn();
    queue.onModuleDestroy();
    requests[0]!.end('done');
    await turn();
    expect(requests[AT_ONCE]!.isLetIn).toBe(true);
    clock.ms = 5_001;
    requests[1]!.end('done');
    for (const answer of answers.slice(AT_ONCE + 1)) await expect(answer).rejects.toMatchObject({ code: 'too_busy' });
    requests[AT_ONCE]!.end('done');
    expect(await answers[AT_ONCE]).toBe('done');
  });
});
