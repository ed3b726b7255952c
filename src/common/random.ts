import { randomBytes, randomUUID } from 'node:crypto';

/** A version 4 UUID (RFC 9562) from the system's secure random source. */
export function newUuid(): string {
  return randomUUID();
}

/** `byteCount` unpredictable bytes in base64url. 32 bytes are 256 bits: beyond guessing. */
export function newSecret(byteCount = 32): string {
  return randomBytes(byteCount).toString('base64url');
}

export function newBytes(byteCount: number): Buffer {
  return randomBytes(byteCount);
}

/** A duration from 0 up to the limit, so that many who wait for the same thing do not all come at once. No secret. */
export function jittered(limitMs: number): number {
  return Math.random() * limitMs;
}
