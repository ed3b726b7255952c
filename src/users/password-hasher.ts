import { availableParallelism } from 'node:os';
import { Injectable } from '@nestjs/common';
import argon2 from 'argon2';
import pLimit from 'p-limit';
import { AuthError } from '../common/errors/auth-error.js';
import { newSecret } from '../common/random.js';
import { Environment } from '../config/environment.js';
import { Peppers } from './peppers.js';

/** OWASP Password Storage: argon2id with 19 MiB, two passes, one lane; about 24 ms of one core. */
const PARAMETERS = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hashes that may wait: of those who change passwords, too. Logins and registrations wait before (auth/password-queue). */
const MAX_WAITING = 512;

/**
 * Makes and checks argon2id hashes; the only importer of argon2. As many run at once as there are cores: more would
 * take memory and the threads that the database's name look-ups and files need, and finish no sooner.
 */
@Injectable()
export class PasswordHasher {
  private readonly limit = pLimit(availableParallelism());
  private readonly peppers: Peppers;
  /** Made at the start, not when it is first needed: that login would take twice as long, and so tell. */
  private readonly decoy: Promise<string>;

  constructor(environment: Environment) {
    this.peppers = new Peppers(environment);
    this.decoy = this.hash(newSecret());
  }

  hash(password: string): Promise<string> {
    return this.queued(() => argon2.hash(password, { ...PARAMETERS, ...this.peppers.current }));
  }

  verify(hash: string, password: string): Promise<boolean> {
    return this.queued(() => argon2.verify(hash, password, this.peppers.of(hash)));
  }

  /** Takes as long as `verify` and is never true: for a name that does not exist, so that time does not tell. */
  async verifyDecoy(password: string): Promise<false> {
    await this.verify(await this.decoy, password);
    return false;
  }

  /** Whether a hash was made with weaker parameters than today's, or under another pepper. */
  isOutdated(hash: string): boolean {
    return argon2.needsRehash(hash, PARAMETERS) || !this.peppers.isCurrent(hash);
  }

  private queued<T>(work: () => Promise<T>): Promise<T> {
    if (this.limit.pendingCount >= MAX_WAITING) throw new AuthError('too_busy', { reason: 'hash queue is full' });
    return this.limit(work);
  }
}
