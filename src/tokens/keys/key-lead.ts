/** How long a verifier may keep the set of public keys, in seconds (RFC 9111 §5.2.2.1). */
export const JWKS_MAX_AGE_SECONDS = 300;

/**
 * How long a key is known before it signs, in seconds: as long as a verifier may go on without having seen it. Those of
 * refresh tokens are not published, but the ring does not grow by more than a dozen of them an hour that way.
 */
export const LEAD_SECONDS = JWKS_MAX_AGE_SECONDS;
