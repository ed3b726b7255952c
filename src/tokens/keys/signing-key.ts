import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { newBytes, newSecret } from '../../common/random.js';
import { type KeyPurpose } from './signing-key.entity.js';

/** The algorithms that access tokens may be signed with (RFC 7518 §3.1). */
export const ACCESS_ALGORITHMS = ['ES256', 'RS256', 'HS256'] as const;

export type SigningAlgorithm = (typeof ACCESS_ALGORITHMS)[number];

/**
 * A key of the ring in memory. KeyObjects, never PEM text: `jsonwebtoken` would parse the text again for each token.
 */
export interface SigningKey {
  readonly kid: string;
  readonly purpose: KeyPurpose;
  readonly algorithm: SigningAlgorithm;
  readonly signing: KeyObject;
  readonly verification: KeyObject;
}

/** Each kind of token has one algorithm. */
const algorithmOf: Record<KeyPurpose, SigningAlgorithm> = {
  access: 'ES256',
  // Symmetric and never published: no service that trusts the public keys can take a refresh token for an access token.
  // And the same claims give the same text, which lets a retry get the identical successor without storing it.
  refresh: 'HS256',
};

export function generateKey(purpose: KeyPurpose): SigningKey {
  const algorithm = algorithmOf[purpose];
  if (algorithm === 'HS256') {
    const secret = createSecretKey(newBytes(32));
    // Not a thumbprint: RFC 7638 §7 warns of publishing the hash of a secret.
    return { kid: newSecret(16), purpose, algorithm, signing: secret, verification: secret };
  }
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid: thumbprint(publicKey), purpose, algorithm, signing: privateKey, verification: publicKey };
}

/** The bytes that stand for a key in the database, before encryption. */
export function exportKey({ signing }: SigningKey): Buffer {
  return signing.type === 'secret' ? signing.export() : signing.export({ type: 'pkcs8', format: 'der' });
}

export function importKey(facts: Pick<SigningKey, 'kid' | 'purpose' | 'algorithm'>, bytes: Buffer): SigningKey {
  if (facts.algorithm === 'HS256') {
    const secret = createSecretKey(bytes);
    return { ...facts, signing: secret, verification: secret };
  }
  const signing = createPrivateKey({ key: bytes, type: 'pkcs8', format: 'der' });
  return { ...facts, signing, verification: createPublicKey(signing) };
}

/** A public key as RFC 7517 §4 writes it. */
export interface PublicJwk {
  kty: string;
  crv: string;
  x: string;
  y: string;
  kid: string;
  use: string;
  alg: string;
}

export function publicJwk({ kid, algorithm, verification }: SigningKey): PublicJwk {
  // Of a public KeyObject: there is no private member to leave out by mistake.
  const { kty, crv, x, y } = verification.export({ format: 'jwk' }) as Record<'kty' | 'crv' | 'x' | 'y', string>;
  return { kty, crv, x, y, kid, use: 'sig', alg: algorithm };
}

/** RFC 7638 §3: the hash of the required members, in this order, without white space. */
function thumbprint(publicKey: KeyObject): string {
  const { crv, kty, x, y } = publicKey.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}
