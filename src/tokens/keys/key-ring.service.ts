import { Injectable } from '@nestjs/common';
import { AuthError } from '../../common/errors/auth-error.js';
import { Environment } from '../../config/environment.js';
import { Transactions } from '../../database/transactions.js';
import { KeySealer } from './key-sealer.js';
import { type PublicJwk, publicJwk } from './public-jwk.js';
import { isUsable, type RingKey } from './ring-key.js';
import { sharedSecretKey } from './shared-secret-key.js';
import { type SigningKey } from './signing-key.js';
import { type KeyPurpose } from './signing-key.entity.js';
import { type SealedKey, SigningKeyRepository } from './signing-key.repository.js';

/** The keys that sign and verify, in memory, as the database had them when they were last read. */
@Injectable()
export class KeyRing {
  private readonly shared: SigningKey | null;
  /** Every key that was read: to decrypt one takes longer than to look at it again twice a second. */
  private readonly opened = new Map<string, SigningKey>();
  private keys: ReadonlyMap<string, SigningKey> = new Map();
  private current: ReadonlyMap<KeyPurpose, SigningKey> = new Map();
  /** Keys in use that could not be decrypted. */
  private unreadable: ReadonlySet<string> = new Set();
  /** Keys that were read under a secret on its way out, and their encryption under today's. */
  private outdated: { from: SealedKey; to: Buffer }[] = [];

  constructor(
    private readonly repository: SigningKeyRepository,
    private readonly sealer: KeySealer,
    private readonly transactions: Transactions,
    environment: Environment,
  ) {
    this.shared = sharedSecretKey(environment);
  }

  /** The key that signs now. @throws AuthError `storage_unavailable` when it cannot be read. */
  currentFor(purpose: KeyPurpose): SigningKey {
    const key = this.current.get(purpose);
    if (!key) throw new AuthError('storage_unavailable', { reason: `no key for ${purpose} tokens can be read` });
    return key;
  }

  /**
   * The key with this `kid`, if it is for this purpose; what it was made for is checked at every use.
   *
   * @throws AuthError `storage_unavailable` for a key that is there and cannot be read.
   */
  find(kid: string, purpose: KeyPurpose): SigningKey | null {
    if (this.unreadable.has(kid)) throw new AuthError('storage_unavailable', { reason: `key ${kid} cannot be read` });
    const key = this.keys.get(kid);
    return key?.purpose === purpose ? key : null;
  }

  /** What may be known of the keys that sign access tokens; nothing of those that are secrets. */
  publicKeys(): PublicJwk[] {
    return [...this.keys.values()].filter(({ verification }) => verification.type === 'public').map(publicJwk);
  }

  /** Reads the ring, and answers it, with the names of the keys that cannot be decrypted. */
  async load(): Promise<{ ring: RingKey[]; unreadable: string[] }> {
    const ring = await this.repository.findAll();
    const usable = ring.filter(isUsable);
    const unreadable = await this.open(usable.map(({ kid }) => kid).filter((kid) => !this.opened.has(kid)));
    this.take(usable, unreadable);
    return { ring, unreadable };
  }

  /** Whether a key that was read is not yet encrypted under ENCRYPTION_SECRET itself. */
  get isOutdated(): boolean {
    return this.outdated.length > 0;
  }

  /** Encrypts anew what was read under the other secret: all of it, or nothing. */
  async renewEncryption(): Promise<void> {
    if (!this.isOutdated) return;
    await this.transactions.run((tx) => this.repository.replaceEncryption(this.outdated, tx));
    this.outdated = [];
  }

  private async open(kids: string[]): Promise<string[]> {
    if (kids.length === 0) return [];
    const unreadable: string[] = [];
    for (const sealed of await this.repository.findSealed(kids)) {
      try {
        const unsealed = this.sealer.unseal(sealed);
        this.opened.set(sealed.kid, unsealed.key);
        if (unsealed.renewed) this.outdated.push({ from: sealed, to: unsealed.renewed });
      } catch {
        unreadable.push(sealed.kid);
      }
    }
    return unreadable;
  }

  private take(usable: RingKey[], unreadable: string[]): void {
    const readable = usable.filter(({ kid }) => this.opened.has(kid));
    const keys = new Map(readable.map(({ kid }) => [kid, this.opened.get(kid)!]));
    const current = new Map(
      readable.filter(({ status }) => status === 'current').map(({ kid, purpose }) => [purpose, keys.get(kid)!]),
    );
    if (this.shared) {
      keys.set(this.shared.kid, this.shared);
      current.set('access', this.shared);
    }
    this.keys = keys;
    this.current = current;
    this.unreadable = new Set(unreadable);
    for (const kid of this.opened.keys()) if (!keys.has(kid)) this.opened.delete(kid);
  }
}
