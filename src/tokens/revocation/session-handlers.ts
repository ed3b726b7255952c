import { type NumberedRecord } from './feed-record.js';

/** What a session on one connection tells the feed. */
export interface SessionHandlers {
  onRecord(record: NumberedRecord): void;
  /** Everything up to this number was read anew, and has taken the place of what was known. */
  onReplaced(number: number): void;
  /** Everything that was committed before this moment, by the monotonic clock, has been applied. */
  onProof(sentAtMs: number): void;
  /** Something may be missing, until the next proof. */
  onDoubt(reason: string): void;
}
