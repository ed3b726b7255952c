import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { DataSource } from 'typeorm';
import { AuthError } from '../common/errors/auth-error.js';
import { Environment } from '../config/environment.js';
import { type RateLimitName, rateLimits, waitSeconds } from './rate-limits.js';

/** As the migration has it: see src/database/migrations/1700000300000-rate-limits.ts. */
const TABLE = 'rate_limits';

/** For how long it is remembered how often somebody went beyond a limit: a day without it, and waits begin anew. */
const EXCESSES_SECONDS = 24 * 60 * 60;

/** For how long an address is known after a login from there. */
const KNOWN_SECONDS = 90 * 24 * 60 * 60;

/**
 * Counts in the database, for all instances together, and refuses what goes beyond a limit. It counts first and asks
 * afterwards, in one statement, so that a burst of requests at once gets no more tries than one after the other.
 */
@Injectable()
export class RateLimiter {
  private readonly counters = new Map<RateLimitName, RateLimiterPostgres>();
  private readonly excesses: RateLimiterPostgres;
  private readonly known: RateLimiterPostgres;

  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
  ) {
    for (const name of Object.keys(rateLimits) as RateLimitName[])
      this.counters.set(
        name,
        this.counter(name, rateLimits[name].most(environment), environment.rateLimitWindowSeconds),
      );
    this.excesses = this.counter('excesses', Number.MAX_SAFE_INTEGER, EXCESSES_SECONDS);
    this.known = this.counter('known', Number.MAX_SAFE_INTEGER, KNOWN_SECONDS);
  }

  /** Counts one. @throws AuthError `too_many_requests`, with how long to wait. */
  async count(name: RateLimitName, key: string): Promise<void> {
    if (!this.environment.rateLimitEnabled) return;
    try {
      await this.counters.get(name)!.consume(digest(key));
    } catch (result) {
      // The library rejects with what it counted, or with the database's error.
      if (!(result instanceof RateLimiterRes)) throw result;
      throw this.refusal(name, await this.waitMs(name, key, result));
    }
  }

  /** Takes one back: it turned out to be none of those that are counted. */
  async giveBack(name: RateLimitName, key: string): Promise<void> {
    if (this.environment.rateLimitEnabled) await this.counters.get(name)!.reward(digest(key));
  }

  /** Whether `remember` was called for the key within the last 90 days. */
  async isKnown(key: string): Promise<boolean> {
    return this.environment.rateLimitEnabled && (await this.known.get(digest(key))) !== null;
  }

  async remember(key: string): Promise<void> {
    if (this.environment.rateLimitEnabled) await this.known.set(digest(key), 1, KNOWN_SECONDS);
  }

  /** The one that goes beyond the limit begins the wait; those after it hear what is left of it. */
  private async waitMs(
    name: RateLimitName,
    key: string,
    { consumedPoints, msBeforeNext }: RateLimiterRes,
  ): Promise<number> {
    const excessKey = digest(`${name} ${key}`);
    const isFirst = consumedPoints === rateLimits[name].most(this.environment) + 1;
    const excesses = isFirst ? await this.excesses.penalty(excessKey) : await this.excesses.get(excessKey);
    const wait = waitSeconds(Math.max(excesses?.consumedPoints ?? 1, 1), this.environment);
    if (!isFirst) return Math.min(msBeforeNext, wait * 1000);
    await this.counters.get(name)!.block(digest(key), wait);
    return wait * 1000;
  }

  private refusal(name: RateLimitName, waitMs: number): AuthError {
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    return new AuthError('too_many_requests', {
      reason: name,
      headers: {
        'retry-after': String(seconds),
        // draft-ietf-httpapi-ratelimit-headers: the quota and its window in seconds; what is left of it, and until when.
        'ratelimit-policy': `"${name}";q=${rateLimits[name].most(this.environment)};w=${this.environment.rateLimitWindowSeconds}`,
        ratelimit: `"${name}";r=0;t=${seconds}`,
      },
    });
  }

  private counter(keyPrefix: string, points: number, duration: number): RateLimiterPostgres {
    return new RateLimiterPostgres({
      storeClient: this.dataSource,
      storeType: 'typeorm',
      tableName: TABLE,
      // The migrations make the table, and the purge clears it, once for all instances.
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix,
      points,
      duration,
    });
  }
}

/** People type their passwords into the field of the name; none of it is to be read in the table. */
function digest(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}
