import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { newBytes } from '../../common/random.js';
import { Environment } from '../../config/environment.js';

const FORMAT_VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What was encrypted, and whether it was under a secret that is on its way out. */
export interface Opened {
  plain: Buffer;
  isOutdated: boolean;
}

/**
 * Encrypts keys at rest with AES-256-GCM under ENCRYPTION_SECRET, and reads what is still under
 * ENCRYPTION_SECRET_PREVIOUS. What the key is for is authenticated with it, so a row whose `kid` or algorithm was
 * changed in the database does not decrypt.
 *
 * Format: version (1 byte), initialisation vector (12), tag (16), ciphertext.
 */
@Injectable()
export class KeyCipher {
  private readonly key: Buffer;
  private readonly previousKey: Buffer | null;

  constructor({ encryptionSecret, encryptionSecretPrevious }: Environment) {
    this.key = derivedFrom(encryptionSecret);
    this.previousKey = encryptionSecretPrevious === undefined ? null : derivedFrom(encryptionSecretPrevious);
  }

  encrypt(plain: Buffer, context: string): Buffer {
    const iv = newBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv, { authTagLength: TAG_BYTES }).setAAD(
      Buffer.from(context),
    );
    const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([Buffer.of(FORMAT_VERSION), iv, cipher.getAuthTag(), ciphertext]);
  }

  /** @throws Error when both secrets, the context or a byte differs. */
  decrypt(sealed: Buffer, context: string): Opened {
    if (sealed[0] !== FORMAT_VERSION) throw new Error(`unknown format ${sealed[0]} of an encrypted key`);
    try {
      return { plain: open(this.key, sealed, context), isOutdated: false };
    } catch (error) {
      if (!this.previousKey) throw error;
      return { plain: open(this.previousKey, sealed, context), isOutdated: true };
    }
  }
}

/** The secret has 256 bits of its own, so it needs to be stretched to a key's form, not hardened like a password. */
function derivedFrom(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'recant signing keys', 32));
}

function open(key: Buffer, sealed: Buffer, context: string): Buffer {
  const iv = sealed.subarray(1, 1 + IV_BYTES);
  const tag = sealed.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed.subarray(1 + IV_BYTES + TAG_BYTES)), decipher.final()]);
}
