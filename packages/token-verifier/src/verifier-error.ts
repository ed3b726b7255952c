/** What each code means, and whether it refuses the token (401) or says that nothing could be known (503). */
const codes = {
  ERR_TOKEN_MALFORMED: { isRefusal: true, says: 'not a compact JWS with the header of an access token' },
  ERR_TOKEN_SIGNATURE: { isRefusal: true, says: 'the signature is wrong' },
  ERR_TOKEN_EXPIRED: { isRefusal: true, says: 'expired' },
  ERR_TOKEN_CLAIMS: { isRefusal: true, says: 'a claim is missing, wrong, or meant for somebody else' },
  ERR_TOKEN_REVOKED: { isRefusal: true, says: 'taken back' },
  ERR_KEY_UNKNOWN: { isRefusal: true, says: 'signed with a key that the issuer does not publish' },
  ERR_OUT_OF_SYNC: { isRefusal: false, says: 'whether it was taken back cannot be known at the moment' },
  ERR_ISSUER_UNAVAILABLE: { isRefusal: false, says: 'the issuer does not answer' },
  ERR_CONFIGURATION: { isRefusal: false, says: 'the verifier is configured wrongly' },
} as const;

/** The stable codes of {@link VerifierError}. */
export type VerifierErrorCode = keyof typeof codes;

/**
 * Why a token was not verified. Decide by {@link VerifierError.code} or {@link VerifierError.isRefusal}, never by the
 * message, which is for your log: a client should hear the same for every refusal (RFC 6750 §3.1).
 *
 * @example
 * ```ts
 * import { type Verifier, VerifierError } from '@recant/token-verifier';
 *
 * async function statusFor(verifier: Verifier, token: string): Promise<200 | 401 | 503> {
 *   try {
 *     await verifier.verify(token);
 *     return 200;
 *   } catch (error) {
 *     if (error instanceof VerifierError) return error.isRefusal ? 401 : 503;
 *     throw error;
 *   }
 * }
 * ```
 */
export class VerifierError extends Error {
  override readonly name = 'VerifierError';
  /** True: the token is refused, answer 401. False: nothing could be known, answer 503 with `Retry-After`. */
  readonly isRefusal: boolean;

  /** @internal */
  constructor(
    /** Stable: it will not be renamed within a major version. */
    readonly code: VerifierErrorCode,
    reason?: string,
    options?: ErrorOptions,
  ) {
    super(reason === undefined ? codes[code].says : `${codes[code].says}: ${reason}`, options);
    this.isRefusal = codes[code].isRefusal;
  }
}
