import { type RevocationRecord } from '@recant/revocation-set';

/** A memory that is filled beside the one that answers. */
export interface Refill {
  apply(record: RevocationRecord): void;
  /** From here on it is the one that answers. It was read when the database's clock said this, or a little later. */
  takeOver(databaseSeconds: number): void;
}

/** Where the feed puts what it hears. A record may come twice, and then changes nothing. */
export abstract class RevocationSink {
  /** Into the memory that answers. */
  abstract apply(record: RevocationRecord): void;

  /** A new and empty memory; the old one answers until the new one takes over, or for good. */
  abstract refill(): Refill;
}
