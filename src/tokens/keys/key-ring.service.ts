import { Injectable } from '@nestjs/common';
import { ConfigurationError } from '../../config/configuration-error.js';
import { Environment } from '../../config/environment.js';
import { KeySealer } from './key-sealer.js';
import { type PublicJwk, publicJwk } from './public-jwk.js';
import { type KeyStatus, type RingKey } from './ring-key.js';
import { sharedSecretKey } from './shared-secret-key.js';
import { type SigningKey } from './signing-key.js';
import { type KeyPurpose } from './signing-key.entity.js';
import { SigningKeyRepository } from './signing-key.repository.js';

const UNUSABLE: ReadonlySet<KeyStatus> = new Set(['gone', 'forbidden']);

/** The keys that sign and verify, in memory, as the database had them when they were last read. */
@Injectable()
export class KeyRing {
  private readonly shared: SigningKey | null;
  /** Every key that was ever read: to decrypt one takes longer than to look at it again twice a second. */
  private readonly opened = new Map<string, SigningKey>();
  private keys: ReadonlyMap<string, SigningKey> = new Map();
  private readonly current = new Map<KeyPurpose, SigningKey>();

  constructor(
    private readonly repository: SigningKeyRepository,
    private readonly sealer: KeySealer,
    environment: Environment,
  ) {
    this.shared = sharedSecretKey(environment);
  }

  /** The key that signs now. */
  currentFor(purpose: KeyPurpose): SigningKey {
    return this.current.get(purpose)!;
  }

  /** The key with this `kid`, if it is for this purpose; what it was made for is checked at every use. */
  find(kid: string, purpose: KeyPurpose): SigningKey | null {
    const key = this.keys.get(kid);
    return key?.purpose === purpose ? key : null;
  }

  /** What may be known of the keys that sign access tokens; nothing of those that are secrets. */
  publicKeys(): PublicJwk[] {
    return [...this.keys.values()].filter(({ verification }) => verification.type === 'public').map(publicJwk);
  }

  /**
   * Reads the ring, and answers it.
   *
   * @throws ConfigurationError when a key cannot be decrypted; the others are in place then.
   */
  async load(): Promise<RingKey[]> {
    const ring = await this.repository.findAll();
    const unreadable: string[] = [];
    const closed = ring.filter(({ kid, status }) => status !== 'gone' && !this.opened.has(kid));
    for (const row of closed) await this.open(row, unreadable);
    this.take(ring);
    if (unreadable.length > 0) throw wrongSecret(unreadable);
    return ring;
  }

  private async open(row: RingKey, unreadable: string[]): Promise<void> {
    let unsealed;
    try {
      unsealed = this.sealer.unseal(row);
    } catch {
      unreadable.push(row.kid);
      return;
    }
    this.opened.set(row.kid, unsealed.key);
    if (unsealed.renewed) await this.repository.replaceEncryption(row, unsealed.renewed);
  }

  private take(ring: RingKey[]): void {
    const usable = ring.filter(({ kid, status }) => !UNUSABLE.has(status) && this.opened.has(kid));
    const keys = new Map(usable.map(({ kid }) => [kid, this.opened.get(kid)!]));
    for (const { kid, purpose, status } of usable) {
      if (status === 'current') this.current.set(purpose, keys.get(kid)!);
    }
    if (this.shared) {
      keys.set(this.shared.kid, this.shared);
      this.current.set('access', this.shared);
    }
    this.keys = keys;
    for (const kid of this.opened.keys()) if (!ring.some((row) => row.kid === kid)) this.opened.delete(kid);
  }
}

function wrongSecret(kids: string[]): ConfigurationError {
  return new ConfigurationError([
    `ENCRYPTION_SECRET is not the one under which this database's signing key ${kids[0]} was encrypted; nothing was changed`,
  ]);
}
