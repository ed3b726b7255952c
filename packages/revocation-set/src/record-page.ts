import { UUID_WORDS } from './uuid-words.js';
import { type WordHash } from './word-hash.js';

// A slot is a key, the second in which the record expires, and on a page with cutoffs the two halves of a cutoff.
const EXPIRY = UUID_WORDS;
const CUTOFF_HIGH = EXPIRY + 1;
const CUTOFF_LOW = EXPIRY + 2;
const SLOT_WORDS = EXPIRY + 1;
const SLOT_WORDS_WITH_CUTOFF = CUTOFF_LOW + 1;

/** The expiry of a slot without a record. */
const EMPTY = 0;
/** The last second that a slot can say, in the year 2106. */
const MAX_EXPIRY = 0xffff_ffff;
const WORD_VALUES = 2 ** 32;

/** 20 KiB, or 28 with cutoffs. Splitting one takes about 0.05 ms. */
const SLOTS = 1024;
/** A hash's highest bits choose the slot; its lowest ones have chosen the page. */
const SLOT_SHIFT = 32 - Math.log2(SLOTS);
// Fuller, a miss takes long. Emptier, two halves of a page would take more than 64 bytes for each record with a cutoff.
const MAX_RECORDS = 0.9 * SLOTS;
/** Two pages become one only when that leaves room, or the next record would split it again. */
const MAX_MERGED_RECORDS = 0.75 * SLOTS;

/** Where a page is while it is filled afresh. One for all, since nothing here waits, and nothing left to collect. */
const scratch = new Uint32Array(SLOTS * SLOT_WORDS_WITH_CUTOFF);

/**
 * Records by UUID in one flat array, with open addressing and linear probing: no object for each record, nothing for the
 * garbage collector to walk. All pages have one size, so that memory which one gives back fits the next.
 */
export class RecordPage {
  private readonly slots: Uint32Array;
  private readonly slotWords: number;
  private records = 0;

  constructor(
    private readonly hash: WordHash,
    private readonly hasCutoffs: boolean,
    /** How many of their lowest bits the hashes of all records here have in common. */
    public depth: number,
  ) {
    this.slotWords = hasCutoffs ? SLOT_WORDS_WITH_CUTOFF : SLOT_WORDS;
    this.slots = new Uint32Array(SLOTS * this.slotWords);
  }

  get size(): number {
    return this.records;
  }

  get isFull(): boolean {
    return this.records >= MAX_RECORDS;
  }

  /** `hash` is the key's. Whatever comes first, the later expiry and the later cutoff hold. */
  put(key: Uint32Array, hash: number, expiresAtSeconds: number, cutoff: number): void {
    const at = this.find(key, hash);
    if (this.slots[at + EXPIRY] === EMPTY) {
      this.slots.set(key, at);
      this.records++;
    }
    const expiry = Math.min(Math.ceil(expiresAtSeconds), MAX_EXPIRY);
    this.slots[at + EXPIRY] = Math.max(this.slots[at + EXPIRY]!, expiry);
    if (!this.hasCutoffs || cutoff <= this.cutoff(at)) return;
    this.slots[at + CUTOFF_HIGH] = Math.floor(cutoff / WORD_VALUES);
    this.slots[at + CUTOFF_LOW] = cutoff % WORD_VALUES;
  }

  /** Without cutoffs a record forbids whatever has its id. */
  forbids(key: Uint32Array, hash: number, seq: number, nowSeconds: number): boolean {
    const at = this.find(key, hash);
    return this.slots[at + EXPIRY]! > nowSeconds && (!this.hasCutoffs || this.cutoff(at) > seq);
  }

  /** Takes out the records that have expired. */
  prune(nowSeconds: number): void {
    if (this.hasExpired(nowSeconds)) this.dealOut((at) => (scratch[at + EXPIRY]! > nowSeconds ? this : null));
  }

  /** Moves the records whose hash has a one in the next bit to a new page. */
  split(): RecordPage {
    const bit = this.depth++;
    const sibling = new RecordPage(this.hash, this.hasCutoffs, this.depth);
    this.dealOut((at) => (((this.hash(scratch, at) >>> bit) & 1) === 1 ? sibling : this));
    return sibling;
  }

  /** Takes the records of the page that was once split from this one, or it from that; or does nothing for want of room. */
  absorb(sibling: RecordPage): boolean {
    if (this.records + sibling.records > MAX_MERGED_RECORDS) return false;
    for (let at = 0; at < sibling.slots.length; at += this.slotWords) {
      if (sibling.slots[at + EXPIRY] !== EMPTY) this.take(sibling.slots, at);
    }
    this.depth--;
    return true;
  }

  private take(from: Uint32Array, fromAt: number): void {
    let at = this.home(this.hash(from, fromAt));
    while (this.slots[at + EXPIRY] !== EMPTY) at = this.next(at);
    for (let i = 0; i < this.slotWords; i++) this.slots[at + i] = from[fromAt + i]!;
    this.records++;
  }

  private hasExpired(nowSeconds: number): boolean {
    for (let at = EXPIRY; at < this.slots.length; at += this.slotWords) {
      if (this.slots[at] !== EMPTY && this.slots[at]! <= nowSeconds) return true;
    }
    return false;
  }

  /**
   * Gives each record, in the scratch, to a page or drops it. Records that leave one by one would have to be marked, which
   * makes every later search longer, or those pushed past them moved up, which takes longer than a page filled afresh.
   */
  private dealOut(pageFor: (at: number) => RecordPage | null): void {
    scratch.set(this.slots);
    this.slots.fill(0);
    this.records = 0;
    for (let at = 0; at < this.slots.length; at += this.slotWords) {
      if (scratch[at + EXPIRY] !== EMPTY) pageFor(at)?.take(scratch, at);
    }
  }

  /** Where the key is, or else the empty slot in which it belongs. There always is one. */
  private find(key: Uint32Array, hash: number): number {
    const { slots } = this;
    let at = this.home(hash);
    while (slots[at + EXPIRY] !== EMPTY && !isAt(slots, at, key)) at = this.next(at);
    return at;
  }

  private home(hash: number): number {
    return (hash >>> SLOT_SHIFT) * this.slotWords;
  }

  private next(at: number): number {
    const next = at + this.slotWords;
    return next === this.slots.length ? 0 : next;
  }

  private cutoff(at: number): number {
    return this.slots[at + CUTOFF_HIGH]! * WORD_VALUES + this.slots[at + CUTOFF_LOW]!;
  }
}

function isAt(slots: Uint32Array, at: number, key: Uint32Array): boolean {
  return slots[at] === key[0] && slots[at + 1] === key[1] && slots[at + 2] === key[2] && slots[at + 3] === key[3];
}
