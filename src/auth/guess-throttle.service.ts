import { Injectable } from '@nestjs/common';
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
   * What `check` answers: null for a wrong password.
   *
   * @throws AuthError `too_many_requests`, for names that nobody has as for others, before `check` is called.
   */
  async attempt<T>({ username, ip }: Guess, check: () => Promise<T | null>): Promise<T | null> {
    const address = addressKey(ip);
    const pair = `${canonicalUsername(username)} ${address}`;
    const isKnown = await this.limiter.isKnown(pair);
    const counts: Count[] = [
      ['failures-at-address', address],
      isKnown ? ['failures-of-name-at-address', pair] : ['failures-of-name', canonicalUsername(username)],
    ];
    // In this order: what is refused for its address does not count against the name.
    for (const [name, key] of counts) await this.limiter.count(name, key);
    const found = await check();
    if (found !== null) await this.forgive(counts, isKnown ? null : pair);
    return found;
  }

  private async forgive(counts: Count[], newPair: string | null): Promise<void> {
    const kept = newPair === null ? [] : [this.limiter.remember(newPair)];
    await Promise.all([...counts.map(([name, key]) => this.limiter.giveBack(name, key)), ...kept]);
  }
}
