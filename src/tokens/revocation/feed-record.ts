import { type RevocationLevel } from './revocation.entity.js';

/** What the feed carries of a revocation: all that a check needs, and nothing of whom and why. */
export interface FeedRecord {
  /** `key`: everything that was signed with the key of this `kid`. */
  level: RevocationLevel | 'key';
  target: string;
  /** Issue numbers below it are refused; null where the level has no cutoff. */
  cutoff: number | null;
  /** When it may be forgotten: the last token that it forbids has expired. Seconds since 1970, rounded up. */
  expiresAtSeconds: number;
}

/** Likewise, with its place in the order of the commits: the next record's is one higher. */
export interface NumberedRecord extends FeedRecord {
  number: number;
}
