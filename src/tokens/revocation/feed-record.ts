import { type RevocationRecord } from '@recant/revocation-set';

/** A revocation with its place in the order of the commits: the next record's is one higher. */
export interface NumberedRecord extends RevocationRecord {
  number: number;
}
