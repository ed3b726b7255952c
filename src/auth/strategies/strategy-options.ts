import { type SecretOrKeyProvider } from 'passport-jwt';
import { type Environment } from '../../config/environment.js';
import { readJoseHeader } from '../../tokens/keys/jose-header.js';
import { type JwsService } from '../../tokens/keys/jws.service.js';
import { type KeyPurpose } from '../../tokens/keys/signing-key.entity.js';
import { LEEWAY_SECONDS } from '../../tokens/leeway.js';
import { bearerToken, type WithHeaders } from './bearer-token.js';

export { type WithHeaders } from './bearer-token.js';

/** What the strategies of both kinds of token have in common. */
export function strategyOptions(purpose: KeyPurpose, jws: JwsService, { issuer }: Environment) {
  return {
    jwtFromRequest: bearerToken,
    secretOrKeyProvider: keyProvider(purpose, jws),
    issuer,
    jsonWebTokenOptions: { clockTolerance: LEEWAY_SECONDS },
    passReqToCallback: true as const,
  };
}

/** The key under which the token of a request was found to be right. */
export function kidOf(request: WithHeaders): string {
  return readJoseHeader(bearerToken(request)!).kid;
}

/** Gives passport-jwt the key of each token. It accepts KeyObjects, though its types only speak of text. */
function keyProvider(purpose: KeyPurpose, jws: JwsService): SecretOrKeyProvider {
  return (_request: unknown, token: string, done: (error: unknown, key?: never) => void) => {
    let key;
    try {
      key = jws.verificationKeyOf(token, purpose).verification;
    } catch (error) {
      done(error);
      return;
    }
    done(null, key as never);
  };
}
