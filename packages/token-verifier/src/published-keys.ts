import { type CryptoKey, importJWK, type JWK } from 'jose';
import { type AccessTokenHeader } from './jose-header.js';
import { type Issuer } from './issuer.js';
import { type Settings } from './options.js';
import { VerifierError } from './verifier-error.js';

/** A key with the one algorithm that it is for (RFC 8725 §3.1). */
export interface PublishedKey {
  kid: string;
  alg: string;
  key: CryptoKey;
  /** By which two readings of the same key are known as one. */
  text: string;
}

/** Milliseconds between two readings because of unknown keys: a token can name any. */
const COOL_DOWN_MS = 5_000;

/** Likewise, while there are none at all. */
const FIRST_COOL_DOWN_MS = 500;

/** Seconds, where the issuer does not say how long its keys may be kept. */
const USUAL_MAX_AGE_SECONDS = 300;

/** Seconds, whatever the issuer says. */
const LONGEST_MAX_AGE_SECONDS = 3_600;

/**
 * The keys that the issuer publishes (RFC 7517), as they were last read. They are read again when their time is over and
 * when a token names one that is not among them; while the issuer does not answer, the last ones are kept.
 */
export class PublishedKeys {
  private keys: ReadonlyMap<string, PublishedKey> = new Map();
  private reading: Promise<void> | null = null;
  private readAtMs = -Infinity;
  private staleAtMs = -Infinity;
  private failure: VerifierError | null = null;

  constructor(
    private readonly issuer: Issuer,
    private readonly settings: Settings,
  ) {}

  /** @throws VerifierError `ERR_KEY_UNKNOWN`; `ERR_ISSUER_UNAVAILABLE` when it might be known there. */
  async get({ kid, alg }: AccessTokenHeader): Promise<PublishedKey> {
    const known = this.keys.get(kid);
    const reading = known && performance.now() < this.staleAtMs ? null : this.read();
    // An issuer that did not answer before may hold up this request too, and it need not be waited for.
    if (!known || !this.failure) await reading;
    const key = this.keys.get(kid);
    if (key?.alg === alg) return key;
    if (!key && this.failure) throw this.failure;
    throw new VerifierError('ERR_KEY_UNKNOWN', kid);
  }

  /** Whether this key is still published, as far as is known; the next `get` finds out more. */
  has({ kid, text }: PublishedKey): boolean {
    return performance.now() < this.staleAtMs && this.keys.get(kid)?.text === text;
  }

  /** Reads them, unless that was done, or tried, a moment ago. Never throws: the last ones are kept. */
  async read(): Promise<void> {
    const coolDownMs = this.keys.size > 0 ? COOL_DOWN_MS : FIRST_COOL_DOWN_MS;
    if (performance.now() - this.readAtMs < coolDownMs) return;
    this.reading ??= this.fetch().finally(() => (this.reading = null));
    await this.reading;
  }

  private async fetch(): Promise<void> {
    try {
      const { jwks_uri: url } = await this.issuer.metadata();
      const { body, headers } = await this.issuer.getJson(url);
      await this.take(body);
      this.failure = null;
      this.staleAtMs = performance.now() + maxAgeSeconds(headers) * 1000;
    } catch (error) {
      this.failure = error as VerifierError;
      this.settings.onEvent({ type: 'error', error: this.failure });
      // What is known is kept, and asked for again in a moment.
      this.staleAtMs = performance.now() + COOL_DOWN_MS;
    }
    this.readAtMs = performance.now();
  }

  private async take(body: unknown): Promise<void> {
    const { keys } = (body ?? {}) as { keys?: JWK[] };
    if (!Array.isArray(keys)) throw new VerifierError('ERR_ISSUER_UNAVAILABLE', 'the key set is none');
    const published = (await Promise.all(keys.map(publish))).filter((key) => key !== null);
    const before = [...this.keys.keys()].join(' ');
    this.keys = new Map(published.map((key) => [key.kid, key]));
    const kids = [...this.keys.keys()];
    if (kids.join(' ') !== before) this.settings.onEvent({ type: 'keys-changed', kids });
  }
}

/** RFC 7517 §5: a key that is not understood is passed over. */
async function publish(jwk: JWK): Promise<PublishedKey | null> {
  try {
    const { kid, alg, use = 'sig' } = jwk;
    if (typeof kid !== 'string' || use !== 'sig' || (alg !== 'ES256' && alg !== 'RS256')) return null;
    return { kid, alg, key: (await importJWK(jwk, alg)) as CryptoKey, text: JSON.stringify(jwk) };
  } catch {
    return null;
  }
}

function maxAgeSeconds(headers: Headers): number {
  const match = /(?:^|[\s,])max-age=(\d{1,9})/.exec(headers.get('cache-control') ?? '');
  return match ? Math.min(Number(match[1]), LONGEST_MAX_AGE_SECONDS) : USUAL_MAX_AGE_SECONDS;
}
