import { createHmac, createSecretKey } from 'node:crypto';
import { type Environment } from '../../config/environment.js';
import { type SigningKey } from './signing-key.js';

/**
 * The key of access tokens that operator and verifiers share: the bytes of JWT_SECRET, as every library takes them
 * (RFC 7518 §3.2). It comes from the configuration alone, so the ring neither stores, rotates nor publishes it. Null
 * unless JWT_ALGORITHM is HS256.
 */
export function sharedSecretKey({ jwtAlgorithm, jwtSecret }: Environment): SigningKey | null {
  if (jwtAlgorithm !== 'HS256' || jwtSecret === undefined) return null;
  const secret = createSecretKey(jwtSecret, 'utf8');
  // The same on every instance, and it tells nothing of the secret: a function of it that needs it.
  const kid = createHmac('sha256', secret).update('recant kid').digest('base64url').slice(0, 22);
  return { kid, purpose: 'access', algorithm: 'HS256', signing: secret, verification: secret };
}
