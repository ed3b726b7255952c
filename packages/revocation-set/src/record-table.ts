import { RecordPage } from './record-page.js';
import { readUuid, UUID_WORDS } from './uuid-words.js';
import { type WordHash } from './word-hash.js';

/**
 * Records by UUID, any number of them, by extendible hashing (Fagin and others, 1979): a directory, indexed by the lowest
 * bits of a hash, of pages of one size. A full page is split into two, and the directory doubled when it has no entry for
 * the second. So a table grows and shrinks in steps of one page: moving a million records at once would hold up every
 * request for half a second, and take the memory twice until the garbage collector comes by.
 */
export class RecordTable {
  /** A page stands at every index that ends in the bits which its records have in common. */
  private directory: RecordPage[];
  private records = 0;
  /** Where ids are read into. Nothing here waits, so one is enough. */
  private readonly key = new Uint32Array(UUID_WORDS);

  constructor(
    private readonly hash: WordHash,
    { hasCutoffs }: { hasCutoffs: boolean },
  ) {
    this.directory = [new RecordPage(hash, hasCutoffs, 0)];
  }

  get size(): number {
    return this.records;
  }

  /** How many indices there are for `prunePage`. */
  get pageCount(): number {
    return this.directory.length;
  }

  put(id: string, expiresAtSeconds: number, cutoff: number): void {
    readUuid(id, this.key);
    const hash = this.hash(this.key, 0);
    while (this.directory[this.indexOf(hash)]!.isFull) this.split(this.indexOf(hash));
    const page = this.directory[this.indexOf(hash)]!;
    const before = page.size;
    page.put(this.key, hash, expiresAtSeconds, cutoff);
    this.records += page.size - before;
  }

  forbids(id: string, seq: number, nowSeconds: number): boolean {
    readUuid(id, this.key);
    const hash = this.hash(this.key, 0);
    return this.directory[this.indexOf(hash)]!.forbids(this.key, hash, seq, nowSeconds);
  }

  /** Takes the expired records out of one page, and gives the page back when another one has room for the rest. */
  prunePage(index: number, nowSeconds: number): void {
    const page = this.directory[index]!;
    if (index >= 2 ** page.depth) return; // It stands at a lower index too.
    const before = page.size;
    page.prune(nowSeconds);
    this.records += page.size - before;
    this.merge(index);
  }

  private indexOf(hash: number): number {
    // Its length is a power of two.
    return hash & (this.directory.length - 1);
  }

  private split(index: number): void {
    const page = this.directory[index]!;
    const ownBits = 2 ** page.depth;
    if (ownBits === this.directory.length) this.directory = [...this.directory, ...this.directory];
    this.enter(page.split(), (index % ownBits) + ownBits);
  }

  private merge(index: number): void {
    const page = this.directory[index]!;
    if (page.depth === 0) return;
    const siblingIndex = index ^ (2 ** page.depth / 2);
    const sibling = this.directory[siblingIndex]!;
    if (sibling.depth === page.depth && page.absorb(sibling)) this.enter(page, siblingIndex);
  }

  /** Puts the page at `first` and at every higher index that ends in the bits which its records have in common. */
  private enter(page: RecordPage, first: number): void {
    for (let index = first; index < this.directory.length; index += 2 ** page.depth) this.directory[index] = page;
  }
}
