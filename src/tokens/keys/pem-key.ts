import { createPrivateKey, type KeyObject } from 'node:crypto';
import { pairOf, type SigningKey } from './signing-key.js';

/** Why a text is no key of ours, in words for who brought it. */
export class PemError extends Error {}

/**
 * A key for access tokens from the PEM of its private half (RFC 7468 §10, also the older forms of OpenSSL): a P-256 curve
 * for ES256, RSA of 2048 bits or more for RS256 (RFC 7518 §3.3).
 *
 * @throws PemError
 */
export function keyFromPem(pem: string): SigningKey {
  const signing = readPem(pem);
  const { namedCurve, modulusLength } = signing.asymmetricKeyDetails ?? {};
  if (signing.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return pairOf('access', 'ES256', signing);
  if (signing.asymmetricKeyType === 'rsa' && modulusLength! >= 2048) return pairOf('access', 'RS256', signing);
  throw new PemError('The key must be of the curve P-256, or RSA of 2048 bits or more.');
}

function readPem(pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) throw new PemError('The key is encrypted; decrypt it first (openssl pkey -in FILE).');
  try {
    return createPrivateKey(pem);
  } catch {
    throw new PemError('This is not the PEM of a private key; it begins with -----BEGIN PRIVATE KEY-----.');
  }
}
