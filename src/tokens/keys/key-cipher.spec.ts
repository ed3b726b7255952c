import { describe, expect, it } from 'vitest';
import { type Environment } from '../../config/environment.js';
import { KeyCipher } from './key-cipher.js';

const cipher = (encryptionSecret = 'a secret of thirty-two bytes or more') =>
  new KeyCipher({ encryptionSecret } as Environment);
const plain = Buffer.from('a private key');

describe('a key at rest', () => {
  it('opens under its secret and for what it was made', () => {
    expect(cipher().decrypt(cipher().encrypt(plain, 'access ES256 k1'), 'access ES256 k1')).toEqual(plain);
  });

  it('does not open under another secret', () => {
    const sealed = cipher().encrypt(plain, 'access ES256 k1');
    expect(() => cipher('another secret of thirty-two bytes').decrypt(sealed, 'access ES256 k1')).toThrow(
      /authenticate/,
    );
  });

  it('does not open when its row says that it is for something else', () => {
    const sealed = cipher().encrypt(plain, 'access ES256 k1');
    expect(() => cipher().decrypt(sealed, 'refresh ES256 k1')).toThrow(/authenticate/);
  });

  it('does not open when any one byte was changed', () => {
    const sealed = cipher().encrypt(plain, 'access ES256 k1');
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      expect(() => cipher().decrypt(changed, 'access ES256 k1')).toThrow(/authenticate|format/);
    }
  });

  it('looks different each time', () => {
    expect(cipher().encrypt(plain, 'x')).not.toEqual(cipher().encrypt(plain, 'x'));
  });
});
