import { errors, jwtVerify } from 'jose';
import { acceptClaims, type AccessTokenClaims } from './claims.js';
import { readHeader } from './jose-header.js';
import { type Settings } from './options.js';
import { type PublishedKeys } from './published-keys.js';
import { type VerifiedToken, VerifiedTokens } from './verified-tokens.js';
import { VerifierError } from './verifier-error.js';

/** Checks everything about a token but whether it was taken back: RFC 9068 §4, RFC 8725. */
export class SignatureCheck {
  private readonly verified: VerifiedTokens;

  constructor(
    private readonly keys: PublishedKeys,
    private readonly settings: Settings,
  ) {
    this.verified = new VerifiedTokens(settings);
  }

  /** @throws VerifierError for whatever is wrong with it; `ERR_ISSUER_UNAVAILABLE` when its key is not known. */
  async check(token: string): Promise<VerifiedToken> {
    const known = this.verified.find(token);
    if (known && this.keys.has(known.key)) {
      this.checkTimes(known.claims);
      return known;
    }
    const verified = await this.verify(token);
    this.verified.remember(token, verified);
    return verified;
  }

  private async verify(token: string): Promise<VerifiedToken> {
    const header = readHeader(token);
    const key = await this.keys.get(header);
    const { issuer, audience, clockToleranceSeconds: clockTolerance } = this.settings;
    const options = { algorithms: [key.alg], issuer, audience, clockTolerance, typ: 'at+jwt' };
    try {
      const { payload } = await jwtVerify(token, key.key, options);
      const claims = deepFreeze(acceptClaims(payload));
      this.checkTimes(claims);
      return { claims, key };
    } catch (error) {
      throw error instanceof errors.JOSEError ? refusalOf(error) : error;
    }
  }

  /** RFC 7519 §4.1.4 to §4.1.6, with the tolerance that the options give. */
  private checkTimes({ exp, iat, ...claims }: AccessTokenClaims): void {
    const { clockToleranceSeconds } = this.settings;
    const now = Math.floor(Date.now() / 1000);
    if (exp <= now - clockToleranceSeconds) throw new VerifierError('ERR_TOKEN_EXPIRED');
    const { nbf = iat } = claims as { nbf?: number };
    if (Math.max(iat, nbf) > now + clockToleranceSeconds)
      throw new VerifierError('ERR_TOKEN_CLAIMS', 'from the future');
  }
}

function refusalOf(error: errors.JOSEError): VerifierError {
  const options = { cause: error };
  if (error instanceof errors.JWTExpired) return new VerifierError('ERR_TOKEN_EXPIRED', undefined, options);
  if (error instanceof errors.JWTClaimValidationFailed)
    return new VerifierError('ERR_TOKEN_CLAIMS', error.message, options);
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return new VerifierError('ERR_TOKEN_SIGNATURE', undefined, options);
  return new VerifierError('ERR_TOKEN_MALFORMED', error.message, options);
}

/** Every request with a token gets the same claims: none may change them for the others. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
