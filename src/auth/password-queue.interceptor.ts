import { availableParallelism } from 'node:os';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import pLimit from 'p-limit';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { AuthError } from '../common/errors/auth-error.js';

/** Requests at once for each core: one whose password is hashed, and others before and after that, in the database. */
const REQUESTS_PER_CORE = 4;

/** Requests that may wait. At 24 ms of one core each, on two cores, the last of them waits about 6 s. */
const MAX_WAITING = 512;

/**
 * Lets those in one after the other who come to log in or to register, before anything is done for them. Five hundred at
 * once would otherwise all be validated and all ask for their user at once, only to wait for a core to hash on; meanwhile no
 * other request would be answered, and each would find the connections to the database in use.
 */
@Injectable()
export class PasswordQueue implements NestInterceptor {
  private readonly limit = pLimit(REQUESTS_PER_CORE * availableParallelism());

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (this.limit.pendingCount >= MAX_WAITING) throw new AuthError('too_busy', { reason: 'password queue is full' });
    return from(this.limit(() => lastValueFrom(next.handle())));
  }
}
