export { type AccessTokenClaims } from './claims.js';
export { type VerifierEvent, type VerifierOptions, type WhenOutOfSync } from './options.js';
export { createVerifier, type Verifier, type VerifierStatus } from './verifier.js';
export { VerifierError, type VerifierErrorCode } from './verifier-error.js';
