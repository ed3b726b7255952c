import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ConfigurationError } from '../../config/configuration-error.js';
import { Transactions } from '../../database/transactions.js';
import { KeyCipher } from './key-cipher.js';
import {
  exportKey,
  generateKey,
  importKey,
  type PublicJwk,
  publicJwk,
  type SigningAlgorithm,
  type SigningKey,
} from './signing-key.js';
import { type KeyPurpose, type SigningKeyRow } from './signing-key.entity.js';
import { SigningKeyRepository } from './signing-key.repository.js';

const PURPOSES: readonly KeyPurpose[] = ['access', 'refresh'];

/** The keys that sign and verify, in memory. Made at the first start, kept encrypted in the database. */
@Injectable()
export class KeyRing implements OnModuleInit {
  private readonly keys = new Map<string, SigningKey>();
  private readonly current = new Map<KeyPurpose, SigningKey>();

  constructor(
    private readonly repository: SigningKeyRepository,
    private readonly cipher: KeyCipher,
    private readonly transactions: Transactions,
  ) {}

  async onModuleInit(): Promise<void> {
    // Read before anything is made: with a wrong secret nothing may be written beside the keys that cannot be read.
    await this.load();
    for (const purpose of PURPOSES) await this.makeIfMissing(purpose);
    await this.load();
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

  /** What may be known of the keys that sign access tokens; nothing of those for refresh tokens, which are secrets. */
  publicKeys(): PublicJwk[] {
    return [...this.keys.values()].filter(({ purpose }) => purpose === 'access').map(publicJwk);
  }

  private async load(): Promise<void> {
    for (const row of await this.repository.findAll()) {
      const key = this.open(row);
      this.keys.set(key.kid, key);
      this.current.set(key.purpose, key);
    }
  }

  private async makeIfMissing(purpose: KeyPurpose): Promise<void> {
    await this.transactions.run(async (tx) => {
      if (await this.repository.lockAndFindPurpose(purpose, tx)) return;
      const key = generateKey(purpose);
      const { kid, algorithm } = key;
      await this.repository.insert(
        { kid, purpose, algorithm, encryptedKey: this.cipher.encrypt(exportKey(key), contextOf(key)) },
        tx,
      );
    });
  }

  private open({ kid, purpose, algorithm, encryptedKey }: SigningKeyRow): SigningKey {
    const facts = { kid, purpose, algorithm: algorithm as SigningAlgorithm };
    try {
      return importKey(facts, this.cipher.decrypt(encryptedKey, contextOf(facts)));
    } catch {
      throw new ConfigurationError([
        `ENCRYPTION_SECRET is not the one under which this database's signing key ${kid} was encrypted; nothing was changed`,
      ]);
    }
  }
}

function contextOf({ kid, purpose, algorithm }: Pick<SigningKey, 'kid' | 'purpose' | 'algorithm'>): string {
  return `${purpose} ${algorithm} ${kid}`;
}
