import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keyFromPem, PemError } from './pem-key.js';
import { thumbprint } from './public-jwk.js';

const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

describe('a key that was made elsewhere', () => {
  it.each([
    ['P-256', curve, pkcs8, 'ES256'],
    ['P-256 in the form of OpenSSL', curve, { type: 'sec1', format: 'pem' } as const, 'ES256'],
    ['RSA', rsa, pkcs8, 'RS256'],
    ['RSA in the form of OpenSSL', rsa, { type: 'pkcs1', format: 'pem' } as const, 'RS256'],
  ])('is taken when it is %s', (_, { privateKey, publicKey }, form, algorithm) => {
    const key = keyFromPem(privateKey.export(form as typeof pkcs8).toString());
    expect(key).toMatchObject({ purpose: 'access', algorithm, kid: thumbprint(publicKey) });
  });

  const smallRsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const otherCurve = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const edwards = generateKeyPairSync('ed25519');
  const locked = { ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'x' };
  it.each([
    ['RSA of 1024 bits', smallRsa.privateKey.export(pkcs8), /P-256, or RSA of 2048/],
    ['another curve', otherCurve.privateKey.export(pkcs8), /P-256, or RSA of 2048/],
    ['Ed25519', edwards.privateKey.export(pkcs8), /P-256, or RSA of 2048/],
    ['encrypted', curve.privateKey.export(locked), /encrypted; decrypt it/],
    ['only the public half', curve.publicKey.export({ type: 'spki', format: 'pem' }), /not the PEM of a private key/],
    ['no key', 'hello', /not the PEM of a private key/],
    ['empty', '', /not the PEM of a private key/],
  ])('is refused in words when it is %s', (_, pem, words) => {
    expect(() => keyFromPem(pem.toString())).toThrow(PemError);
    expect(() => keyFromPem(pem.toString())).toThrow(words);
  });
});
