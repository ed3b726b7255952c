import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../../common/clock.js';
import { deepFreeze } from '../../common/deep-freeze.js';
import { Environment } from '../../config/environment.js';
import { Metrics } from '../../metrics/metrics.js';
import { type AccessTokenClaims } from '../../tokens/access/access-token.service.js';
import { isFor, type Verified } from '../../tokens/claims.js';
import { KeyRing } from '../../tokens/keys/key-ring.service.js';
import { type SigningKey } from '../../tokens/keys/signing-key.js';
import { LEEWAY_SECONDS } from '../../tokens/leeway.js';

/**
 * Bytes of memory that a token takes here at most: its text, and claims that are numbers, texts and lists of texts, as ours
 * are. Measured: 1.8 to 2.5 for each character, lists of one-letter texts being the worst, and some 300 beside it.
 */
const bytesOf = (token: string): number => 3 * token.length + 512;

/** A token of Recant's has 570 characters with ES256 and 830 with RS256. */
const BYTES_OF_USUAL_TOKEN = 3 * 1024;

/**
 * By this many of its last characters a token is looked up: to hash all of it takes longer than the rest of a look. They
 * are of its signature, so two that were verified do not share them; if they did, each would take the other's place.
 */
const KEY_LENGTH = 43;

interface VerifiedToken {
  readonly text: string;
  readonly claims: Verified<AccessTokenClaims>;
  /** The key under which the signature was right. */
  readonly key: SigningKey;
  /** Seconds since 1970, leeway included: good from the first on, and no more from the second on. */
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}

/**
 * The access tokens that passed here lately, so that the signature of each is checked once and not on every request. A
 * hit says that the signature is right, and nothing more: times, key and audience are looked at on each hit, and the caller
 * asks the record of revocations as ever. What does not hold any more goes to Passport again, which refuses it and says why.
 *
 * By the token's text: another spelling is another token here, and is verified. Nobody learns a token by trying, since a
 * hit needs all of it. How long a look takes depends on the text that was sent, whose sender knows it.
 */
@Injectable()
export class VerifiedTokens implements OnModuleInit {
  private readonly cache: LRUCache<string, VerifiedToken> | null;

  constructor(
    private readonly keys: KeyRing,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    { verifiedTokensMax: max }: Environment,
  ) {
    this.cache =
      max === 0
        ? null
        : new LRUCache({
            max,
            // Longer tokens than usual leave room for fewer.
            maxSize: max * BYTES_OF_USUAL_TOKEN,
            sizeCalculation: ({ text }) => bytesOf(text),
          });
  }

  onModuleInit(): void {
    this.metrics.offer('recant_verified_tokens', () => this.cache?.size ?? 0);
    this.metrics.offer('recant_verified_tokens_bytes', () => this.cache?.calculatedSize ?? 0);
  }

  /**
   * The claims of a token for this audience that was verified before and would be verified again now; null when that has
   * to be asked anew, with whatever comes of it. They are frozen, for every request with this token gets the same ones.
   *
   * @throws AuthError `storage_unavailable` when its key is there and cannot be read any more.
   */
  find(token: string, audience: string): Verified<AccessTokenClaims> | null {
    const known = this.look(token);
    const holds = known !== undefined && this.holds(known);
    if (known && !holds) this.cache!.delete(keyOf(token));
    const isHit = holds && isFor(known.claims, audience);
    this.metrics.increase(isHit ? 'recant_verified_token_hits_total' : 'recant_verified_token_misses_total', {});
    return isHit ? known.claims : null;
  }

  /** For tokens that passed, and no others: what is refused must not take the place of what is not. */
  remember(token: string, claims: Verified<AccessTokenClaims>): void {
    const key = this.keys.find(claims.kid, 'access');
    if (this.cache === null || key === null) return;
    this.cache.set(keyOf(token), { text: token, claims: deepFreeze(claims), key, ...timesOf(claims) });
  }

  private look(token: string): VerifiedToken | undefined {
    const known = this.cache?.get(keyOf(token));
    return known?.text === token ? known : undefined;
  }

  /** The order is that of cost. A key that was taken out, or another one under its name, has not made this signature. */
  private holds({ claims, key, fromSeconds, untilSeconds }: VerifiedToken): boolean {
    const now = this.clock.nowSeconds();
    return now >= fromSeconds && now < untilSeconds && this.keys.find(claims.kid, 'access') === key;
  }
}

const keyOf = (token: string): string => token.slice(-KEY_LENGTH);

/** As `jsonwebtoken` and our own checks compare them, RFC 7519 §4.1.4 to §4.1.6. */
function timesOf({ iat, exp, ...claims }: Verified<AccessTokenClaims>) {
  const { nbf } = claims as { nbf?: number };
  return { fromSeconds: Math.max(iat, nbf ?? iat) - LEEWAY_SECONDS, untilSeconds: exp + LEEWAY_SECONDS };
}
