import { type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { AuthError } from '../../common/errors/auth-error.js';
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
  ) {}

  sign(claims: object, { kid, purpose, algorithm, signing }: SigningKey): string {
    return this.jwt.sign(claims, {
      privateKey: signing,
      algorithm,
      header: { alg: algorithm, kid, typ: typeOf[purpose] },
    });
  }

  /** By the token's header, before its signature is looked at. @throws AuthError `invalid_token`. */
  verificationKeyOf(token: string, purpose: KeyPurpose): KeyObject {
    const header = readJoseHeader(token);
    if (header.typ !== typeOf[purpose]) throw new AuthError('invalid_token', { reason: `not a ${typeOf[purpose]}` });
    const key = this.keys.find(header.kid, purpose);
    // RFC 8725 §3.1: a key is used with the one algorithm that it was made for.
    if (key?.algorithm !== header.alg)
      throw new AuthError('invalid_token', { reason: 'no such key for this algorithm' });
    return key.verification;
  }
}
