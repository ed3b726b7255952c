import { type RevocableClaims, type RevocationRecord, RevocationSet } from '@recant/revocation-set';

/** A set, and the number up to which it has everything. */
interface Numbered {
  readonly set: RevocationSet;
  number: number;
}

/**
 * What was taken back, as far as it is known. Read from the beginning, it is a new set that takes over as a whole; until
 * then the last known one forbids what it forbade.
 */
export class RevocationMemory {
  private current: Numbered = { set: new RevocationSet(), number: 0 };
  private next: Numbered | null = { set: new RevocationSet(), number: 0 };

  /** Up to here everything was heard, also of what has not taken over yet. */
  get number(): number {
    return (this.next ?? this.current).number;
  }

  get size(): number {
    return this.current.set.size;
  }

  forbids(claims: RevocableClaims, nowSeconds: number): boolean {
    return this.current.set.forbids(claims, nowSeconds) || (this.next?.set.forbids(claims, nowSeconds) ?? false);
  }

  /** @throws RangeError for what is no record. */
  apply(number: number, record: RevocationRecord): void {
    const heard = this.next ?? this.current;
    heard.set.apply(record);
    heard.number = number;
  }

  /** Everything up to this number has been heard. */
  complete(number: number): void {
    this.current = this.next ?? this.current;
    this.next = null;
    this.current.number = number;
  }

  /** Begins anew at 0. */
  forget(): void {
    this.next = { set: new RevocationSet(), number: 0 };
  }

  prune(nowSeconds: number, maxPages: number): void {
    this.current.set.prune(nowSeconds, maxPages);
  }
}
