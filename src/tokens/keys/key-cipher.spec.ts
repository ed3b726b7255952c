import { describe, expect, it } from 'vitest';
import { type Environment } from '../../config/environment.js';
import { KeyCipher } from './key-cipher.js';

const cipher = (encryptionSecret = 'a secret of thirty-two bytes or more', encryptionSecretPrevious?: string) =>
  new KeyCipher({ encryptionSecret, encryptionSecretPrevious } as Environment);
const plain = Buffer.from('a private key');

describe('a key at rest', () => {
  it('opens under its secret and for what it was made', () => {
    expect(cipher().decrypt(cipher().encrypt(plain, 'access ES256 k1'), 'access ES256 k1')).toEqual({
      plain,
      isOutdated: false,
    });
  });

  it('opens under the previous secret while there is one, and says that it should be sealed anew', () => {
    const sealed = cipher('the old secret of thirty-two bytes').encrypt(plain, 'access ES256 k1');
    const both = cipher('the new secret of thirty-two bytes', 'the old secret of thirty-two bytes');
    expect(both.decrypt(sealed, 'access ES256 k1')).toEqual({ plain, isOutdated: true });
    expect(both.decrypt(both.encrypt(plain, 'x'), 'x')).toEqual({ plain, isOutdated: false });
    expect(() => both.decrypt(sealed, 'refresh ES256 k1')).toThrow(/authenticate/);
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
