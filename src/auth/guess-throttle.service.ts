import { Injectable } from '@nestjs/common';
import { AuthError } from '../common/errors/auth-error.js';
import { addressKey } from '../rate-limit/address-key.js';
import { RateLimiter } from '../rate-limit/rate-limiter.service.js';
import { type RateLimitName } from '../rate-limit/rate-limits.js';
import { canonicalUsername } from '../users/username.js';

/** Somebody who says to know a password. */
export interface Guess {
  /** As it was typed; whether anybody has it makes no difference. */
  username: string;
  /** Null when the connection has none. */
  ip: string | null;
}

type Count = [RateLimitName, key: string];

/**
 * Lets passwords be tried only so often: for a name, and from an address. A try is counted before the password is looked
 * at, so that many at once are no way around it, and taken back when it was right. Whoever has logged in from an address
 * before is counted there apart, and so not locked out by what others try elsewhere.
 */
@Injectable()
export class GuessThrottle {
  constructor(private readonly limiter: RateLimiter) {}

  /**
   * What `check` answers.
   *
   * @throws AuthError `too_many_requests`, for names that nobody has as for others, before `check` is called.
   */
  async attempt<T extends { isRight: boolean }>({ username, ip }: Guess, check: () => Promise<T>): Promise<T> {
    const address = addressKey(ip);
    const pair = `${canonicalUsername(username)} ${address}`;
    const isKnown = await this.limiter.isKnown(pair);
    const counts: Count[] = [
      ['failures-at-address', address],
      isKnown ? ['failures-of-name-at-address', pair] : ['failures-of-name', canonicalUsername(username)],
    ];
    // In this order: what is refused for its address does not count against the name.
    for (const [name, key] of counts) await this.limiter.count(name, key);
    const checked = await check();
    if (checked.isRight) await this.forgive(counts, isKnown ? null : pair);
    return checked;
  }

  private async forgive(counts: Count[], newPair: string | null): Promise<void> {
    const kept = newPair === null ? [] : [this.limiter.remember(newPair)];
    await Promise.all([...counts.map(([name, key]) => this.limiter.giveBack(name, key)), ...kept]);
  }
}

/** Whether an error is the refusal of a limit, which is its reason. */
export function isThrottled(error: unknown): error is AuthError {
  return error instanceof AuthError && error.code === 'too_many_requests';
}
