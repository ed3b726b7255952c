import { LRUCache } from 'lru-cache';
import { type AccessTokenClaims } from './claims.js';
import { type Settings } from './options.js';
import { type PublishedKey } from './published-keys.js';

/** Bytes that a token takes at most, with its claims: measured, 1.8 to 2.5 for each character, and some 300. */
const sizeCalculation = (_: unknown, token: string): number => 3 * token.length + 512;

/** A token of 830 characters, as RS256 makes them. */
const BYTES_OF_USUAL_TOKEN = 3 * 1024;

/** @internal A token whose signature was right. */
export interface VerifiedToken {
  claims: AccessTokenClaims;
  key: PublishedKey;
}

/**
 * Tokens whose signature was checked. Only that: times, key and revocations are looked at for each request. By their text,
 * all of which has to be known for a hit.
 */
export class VerifiedTokens {
  private readonly cache: LRUCache<string, VerifiedToken> | null;

  constructor({ maxCachedTokens: max }: Settings) {
    this.cache =
      max === 0
        ? null
        : new LRUCache<string, VerifiedToken>({ max, maxSize: max * BYTES_OF_USUAL_TOKEN, sizeCalculation });
  }

  find(token: string): VerifiedToken | undefined {
    return this.cache?.get(token);
  }

  remember(token: string, verified: VerifiedToken): void {
    this.cache?.set(token, verified);
  }
}
