import { Injectable } from '@nestjs/common';
import { KeyCipher } from './key-cipher.js';
import { exportKey, importKey, type SigningAlgorithm, type SigningKey } from './signing-key.js';
import { type SealedKey } from './signing-key.repository.js';

/** A key that was read, and its encryption under today's secret when it was not. */
export interface Unsealed {
  key: SigningKey;
  renewed: Buffer | null;
}

/** Turns keys into what the database may hold of them, and back. */
@Injectable()
export class KeySealer {
  constructor(private readonly cipher: KeyCipher) {}

  seal(key: SigningKey): SealedKey {
    const { kid, purpose, algorithm } = key;
    return { kid, purpose, algorithm, encryptedKey: this.cipher.encrypt(exportKey(key), contextOf(key)) };
  }

  /** @throws Error when it was sealed under another secret, or for something else. */
  unseal({ kid, purpose, algorithm, encryptedKey }: SealedKey): Unsealed {
    const facts = { kid, purpose, algorithm: algorithm as SigningAlgorithm };
    const { plain, isOutdated } = this.cipher.decrypt(encryptedKey, contextOf(facts));
    return {
      key: importKey(facts, plain),
      renewed: isOutdated ? this.cipher.encrypt(plain, contextOf(facts)) : null,
    };
  }
}

function contextOf({ kid, purpose, algorithm }: Pick<SigningKey, 'kid' | 'purpose' | 'algorithm'>): string {
  return `${purpose} ${algorithm} ${kid}`;
}
