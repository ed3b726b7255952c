import { type SigningKeyRow } from './signing-key.entity.js';

/**
 * `next` is known and does not sign yet; `current` signs; `retired` verifies what it has signed; `gone` has outlived the
 * last of that; `forbidden` verifies nothing.
 */
export type KeyStatus = 'next' | 'current' | 'retired' | 'gone' | 'forbidden';

/** A key and what it is used for at the moment at which it was read. */
export interface RingKey extends Omit<SigningKeyRow, 'encryptedKey'> {
  status: KeyStatus;
  /** When the last token that it signed has expired; null until its end is set. */
  expiresAt: Date | null;
  /** The database's time. */
  now: Date;
}

/** Whether there is any use for the key itself; of others not even that is asked whether they can be decrypted. */
export function isUsable({ status }: RingKey): boolean {
  return status !== 'gone' && status !== 'forbidden';
}
