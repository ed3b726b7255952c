/**
 * What a record forbids: one token (`jti`), a session (`sid`), all of a user (`sub`, which of a client's own tokens is the
 * client), everything, or whatever one key (`kid`) has signed.
 */
export type RecordLevel = 'token' | 'session' | 'user' | 'all' | 'key';

/** What the set has to know of a revocation. The reason is for people and the audit. */
export interface RevocationRecord {
  level: RecordLevel;
  /** The text of a UUID; of a key its `kid`; not looked at for `all`. */
  target: string;
  /** Tokens with a lower issue number are forbidden; null where all are. Only `user` and `all` have one. */
  cutoff: number | null;
  /** The record's own end, with the leeway in it. Seconds since 1970. */
  expiresAtSeconds: number;
}
