import { type AccessTokenClaims } from './claims.js';
import { RevocationFeed } from './feed/revocation-feed.js';
import { Introspection } from './introspection.js';
import { Issuer } from './issuer.js';
import { settingsOf, type Settings, type VerifierOptions } from './options.js';
import { PublishedKeys } from './published-keys.js';
import { SignatureCheck } from './signature.js';
import { type VerifiedToken } from './verified-tokens.js';
import { VerifierError } from './verifier-error.js';

/** How things stand with a verifier; for readiness and metrics. */
export interface VerifierStatus {
  /** Whether memory answers; if not, `whenOutOfSync` decides. */
  inSync: boolean;
  /** Milliseconds since the moment up to which no revocation is missing, at most; `Infinity` before the first proof. */
  ageMs: number;
  /** The number of the last revocation that is known; numbers rise, at every instance of the issuer alike. */
  number: number;
  /** Revocations in memory. */
  records: number;
}

/** Verifies the access tokens of one issuer for one service. Made by {@link createVerifier}. */
export interface Verifier {
  /**
   * Begins to follow the issuer. Resolves when memory answers for the first time. It need not be awaited, and never
   * rejects: while the issuer is away it is tried again, and `verify` goes by `whenOutOfSync`.
   */
  start(): Promise<void>;
  /**
   * The claims of an access token that counts; they are frozen. In sync, and with a token that was seen before, this waits
   * for nothing.
   *
   * @throws {@link VerifierError} for a token that does not count, or of which nothing could be known.
   */
  verify(token: string): Promise<AccessTokenClaims>;
  /** Waits for nothing. */
  status(): VerifierStatus;
  /** Ends the stream, all timers and what is asked at the moment. Afterwards `verify` goes by `whenOutOfSync`. */
  close(): Promise<void>;
}

/**
 * Makes a verifier. It asks nobody before {@link Verifier.start} or the first {@link Verifier.verify}.
 *
 * @example
 * ```ts
 * import { createVerifier } from '@recant/token-verifier';
 *
 * const verifier = createVerifier({
 *   issuer: 'https://auth.example.com',
 *   audience: 'orders',
 *   client: { id: process.env['CLIENT_ID'] ?? '', secret: process.env['CLIENT_SECRET'] ?? '' },
 * });
 * await verifier.start();
 *
 * const { sub, roles = [] } = await verifier.verify('eyJhbGciOiJFUzI1NiIs…');
 * console.log(sub, roles);
 *
 * await verifier.close();
 * ```
 *
 * @throws {@link VerifierError} `ERR_CONFIGURATION` for options that cannot be right.
 */
export function createVerifier(options: VerifierOptions): Verifier {
  return new RecantVerifier(settingsOf(options));
}

class RecantVerifier implements Verifier {
  private readonly issuer: Issuer;
  private readonly keys: PublishedKeys;
  private readonly signature: SignatureCheck;
  private readonly introspection: Introspection;
  private readonly feed: RevocationFeed;
  private starting: Promise<void> | undefined;

  constructor(private readonly settings: Settings) {
    this.issuer = new Issuer(settings);
    this.keys = new PublishedKeys(this.issuer, settings);
    this.signature = new SignatureCheck(this.keys, settings);
    this.introspection = new Introspection(this.issuer);
    this.feed = new RevocationFeed(this.issuer, settings);
  }

  start(): Promise<void> {
    return (this.starting ??= this.begin());
  }

  async verify(token: string): Promise<AccessTokenClaims> {
    const verified = await this.signature.check(token);
    if (this.isRevoked(verified)) throw new VerifierError('ERR_TOKEN_REVOKED');
    if (!this.feed.isInSync) await this.acceptOutOfSync(token);
    return verified.claims;
  }

  status(): VerifierStatus {
    const { isInSync: inSync, ageMs, number, size: records } = this.feed;
    return { inSync, ageMs, number, records };
  }

  async close(): Promise<void> {
    this.issuer.close();
    await this.feed.stop();
  }

  private async begin(): Promise<void> {
    const proven = this.feed.proven();
    this.feed.start();
    // Now, and not with the first token, which would wait for them.
    await Promise.all([proven, this.keys.read()]);
  }

  private isRevoked({ claims, key }: VerifiedToken): boolean {
    const { jti, sid, sub, seq } = claims;
    return this.feed.forbids({ jti, sub, seq, kid: key.kid, ...(sid !== undefined && { sid }) });
  }

  private async acceptOutOfSync(token: string): Promise<void> {
    const { whenOutOfSync } = this.settings;
    switch (whenOutOfSync) {
      case 'allow':
        return;
      case 'reject':
        throw new VerifierError('ERR_OUT_OF_SYNC');
      case 'introspect':
        if (!(await this.introspection.isActive(token))) throw new VerifierError('ERR_TOKEN_REVOKED');
        return;
      default:
        throw new VerifierError('ERR_CONFIGURATION', String(whenOutOfSync satisfies never));
    }
  }
}
