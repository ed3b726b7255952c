import { availableParallelism } from 'node:os';
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  type OnModuleDestroy,
} from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import pLimit from 'p-limit';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Clock } from '../common/clock.js';
import { AuthError } from '../common/errors/auth-error.js';
import { isUnanswered } from '../database/translate-database-error.js';

/** Requests at once for each core: one whose password is hashed, and others before and after that, in the database. */
const REQUESTS_PER_CORE = 4;

/** Requests that may wait. At 24 ms of one core each, on two cores, the last of them waits about 6 s. */
const MAX_WAITING = 512;

/** Milliseconds after the beginning of a stop in which who waits is let in; the rest is for those who are in by then. */
const STOP_PATIENCE_MS = 5_000;

/**
 * Lets those in one after the other who come to log in or to register, before anything is done for them. Five hundred at
 * once would otherwise all be validated and all ask for their user at once, only to wait for a core to hash on; meanwhile no
 * other request would be answered, and each would find the connections to the database in use.
 *
 * When the database does not answer, those who waited meanwhile are told so along with those who were in: one after the
 * other they would each wait as long again, and the last of them for minutes.
 */
@Injectable()
export class PasswordQueue implements NestInterceptor, OnModuleDestroy {
  private readonly limit = pLimit(REQUESTS_PER_CORE * availableParallelism());
  private unanswered: { atMs: number; error: unknown } = { atMs: -Infinity, error: undefined };

  private closesAtMs = Infinity;

  constructor(private readonly clock: Clock) {}

  /** The service stops, and closes every connection a few seconds later: an answer is better than none. */
  onModuleDestroy(): void {
    this.closesAtMs = this.clock.monotonicMs() + STOP_PATIENCE_MS;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (this.limit.pendingCount >= MAX_WAITING) throw new AuthError('too_busy', { reason: 'password queue is full' });
    const cameAtMs = this.clock.monotonicMs();
    const { socket } = context.switchToHttp().getRequest<FastifyRequest>();
    return from(
      this.limit(() => {
        // A place is for who still waits: to ask and hang up must not keep others out.
        if (socket.destroyed) throw new AuthError('too_busy', { reason: 'the caller has hung up' });
        return this.letIn(next, cameAtMs);
      }),
    );
  }

  private async letIn(next: CallHandler, cameAtMs: number): Promise<unknown> {
    if (cameAtMs <= this.unanswered.atMs) throw this.unanswered.error;
    if (this.clock.monotonicMs() > this.closesAtMs) throw new AuthError('too_busy', { reason: 'the service stops' });
    try {
      return await lastValueFrom(next.handle());
    } catch (error) {
      if (isUnanswered(error)) this.unanswered = { atMs: this.clock.monotonicMs(), error };
      throw error;
    }
  }
}
