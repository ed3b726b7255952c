import { type KeyPurpose } from './signing-key.entity.js';

/** How long a verifier may keep the set of public keys, in seconds (RFC 9111 §5.2.2.1). */
export const JWKS_MAX_AGE_SECONDS = 300;

/**
 * How long a key is known before it signs, in seconds: one that is published as long as a verifier may go on without
 * having seen it, one that is not until every instance has read it, which each does twice a second.
 */
export const LEAD_SECONDS: Readonly<Record<KeyPurpose, number>> = { access: JWKS_MAX_AGE_SECONDS, refresh: 5 };
