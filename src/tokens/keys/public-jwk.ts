import { createHash, type KeyObject } from 'node:crypto';
import { type SigningKey } from './signing-key.js';

/** A public key as RFC 7517 §4 writes it, with the members that RFC 7518 §6 has for its kind. */
export interface PublicJwk {
  kty: string;
  /** Of an elliptic curve. */
  crv?: string;
  x?: string;
  y?: string;
  /** Of RSA. */
  n?: string;
  e?: string;
  kid: string;
  use: string;
  alg: string;
}

export function publicJwk({ kid, algorithm, verification }: SigningKey): PublicJwk {
  return { ...requiredMembers(verification), kid, use: 'sig', alg: algorithm };
}

/** RFC 7638 §3: the hash of the required members, in the order of their names, without white space. */
export function thumbprint(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(JSON.stringify(requiredMembers(publicKey)))
    .digest('base64url');
}

/** Of a public KeyObject, so there is no private member to leave out by mistake; in the order of their names. */
function requiredMembers(publicKey: KeyObject): Pick<PublicJwk, 'kty' | 'crv' | 'x' | 'y' | 'n' | 'e'> {
  const { crv, e, kty, n, x, y } = publicKey.export({ format: 'jwk' }) as Record<string, string>;
  return kty === 'RSA' ? { e: e!, kty, n: n! } : { crv: crv!, kty: kty!, x: x!, y: y! };
}
