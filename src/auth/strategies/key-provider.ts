import { type KeyObject } from 'node:crypto';
import { type SecretOrKeyProvider } from 'passport-jwt';

/** Gives passport-jwt the key of each token. It accepts KeyObjects, though its types only speak of text. */
export function keyProvider(keyOf: (token: string) => KeyObject): SecretOrKeyProvider {
  return (_request: unknown, token: string, done: (error: unknown, key?: never) => void) => {
    let key: KeyObject;
    try {
      key = keyOf(token);
    } catch (error) {
      done(error);
      return;
    }
    done(null, key as never);
  };
}
