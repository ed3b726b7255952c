import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { newBytes, newSecret } from '../../common/random.js';
import { thumbprint } from './public-jwk.js';
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
  /** The one algorithm that the key is for (RFC 8725 §3.1). */
  readonly algorithm: SigningAlgorithm;
  readonly signing: KeyObject;
  readonly verification: KeyObject;
}

/** Bits of RSA's modulus: as many as RFC 7518 §3.3 asks for at least. More would only sign slower for the months it lives. */
const RSA_BITS = 2048;

const newKeyPair = promisify(generateKeyPair);

export async function generateKey(purpose: KeyPurpose, algorithm: SigningAlgorithm): Promise<SigningKey> {
  if (algorithm === 'HS256') {
    const secret = createSecretKey(newBytes(32));
    // Not a thumbprint: RFC 7638 §7 warns of publishing the hash of a secret.
    return { kid: newSecret(16), purpose, algorithm, signing: secret, verification: secret };
  }
  const { privateKey } = await (algorithm === 'ES256'
    ? newKeyPair('ec', { namedCurve: 'P-256' })
    : newKeyPair('rsa', { modulusLength: RSA_BITS }));
  return pairOf(purpose, algorithm, privateKey);
}

export function pairOf(purpose: KeyPurpose, algorithm: 'ES256' | 'RS256', signing: KeyObject): SigningKey {
  const verification = createPublicKey(signing);
  return { kid: thumbprint(verification), purpose, algorithm, signing, verification };
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
