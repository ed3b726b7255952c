import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { AuthError } from '../../common/errors/auth-error.js';
import { Environment } from '../../config/environment.js';
import { LEEWAY_SECONDS } from '../leeway.js';
import { readJoseHeader } from './jose-header.js';
import { KeyRing } from './key-ring.service.js';
import { type SigningKey } from './signing-key.js';
import { type KeyPurpose } from './signing-key.entity.js';

/** The `typ` of each kind of token: what RFC 9068 §2.1 gives access tokens, and its like for ours. */
const typeOf: Record<KeyPurpose, string> = { access: 'at+jwt', refresh: 'rt+jwt' };

/** Signs tokens with keys of the ring, and says by which key of the ring an arriving one must be signed. */
@Injectable()
export class JwsService {
  constructor(
    private readonly keys: KeyRing,
    private readonly jwt: JwtService,
    private readonly environment: Environment,
  ) {}

  sign(claims: object, { kid, purpose, algorithm, signing }: SigningKey): string {
    return this.jwt.sign(claims, {
      privateKey: signing,
      algorithm,
      header: { alg: algorithm, kid, typ: typeOf[purpose] },
    });
  }

  /** What a token says whose signature, issuer, audience and times are right. @throws AuthError `invalid_token`. */
  verify(
    token: string,
    purpose: KeyPurpose,
    audience: readonly string[],
  ): { kid: string; payload: Record<string, unknown> } {
    const { kid, algorithm, verification } = this.verificationKeyOf(token, purpose);
    try {
      const payload: Record<string, unknown> = this.jwt.verify(token, {
        // A KeyObject is taken; Nest's types only speak of text.
        publicKey: verification as never,
        algorithms: [algorithm],
        issuer: this.environment.issuer,
        audience: [...audience] as [string, ...string[]],
        clockTolerance: LEEWAY_SECONDS,
      });
      return { kid, payload };
    } catch (cause) {
      throw new AuthError('invalid_token', { reason: (cause as Error).message, cause });
    }
  }

  /** By the token's header, before its signature is looked at. @throws AuthError `invalid_token`. */
  verificationKeyOf(token: string, purpose: KeyPurpose): SigningKey {
    const header = readJoseHeader(token);
    if (header.typ !== typeOf[purpose]) throw new AuthError('invalid_token', { reason: `not a ${typeOf[purpose]}` });
    const key = this.keys.find(header.kid, purpose);
    // RFC 8725 §3.1: a key is used with the one algorithm that it was made for.
    if (key?.algorithm !== header.alg)
      throw new AuthError('invalid_token', { reason: 'no such key for this algorithm' });
    return key;
  }
}
