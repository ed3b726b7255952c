import { type RevocationLevel } from './revocation.entity.js';

/** What the set has to know of a revocation. The reason is for people and the audit. */
export interface RevocationRecord {
  /** A forbidden key is no row among the revocations, but verifiers have to hear of it all the same. */
  level: RevocationLevel | 'key';
  /** The text of a UUID; of a key its `kid`; not looked at for `all`. */
  target: string;
  /** Tokens with a lower issue number are forbidden; null where all are. Only `user` and `all` have one. */
  cutoff: number | null;
  /** The record's own end, with the leeway in it. Seconds since 1970. */
  expiresAtSeconds: number;
}
