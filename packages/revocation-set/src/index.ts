export { type RevocableClaims } from './revocable-claims.js';
export { type RecordLevel, type RevocationRecord } from './revocation-record.js';
export { RevocationSet } from './revocation-set.js';
