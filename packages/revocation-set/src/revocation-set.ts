import { ExpirySweep } from './expiry-sweep.js';
import { RecordTable } from './record-table.js';
import { type RevocationRecord } from './revocation-record.js';
import { type RevocableClaims } from './revocable-claims.js';
import { newWordHash } from './word-hash.js';

/** Above every issue number, which are whole numbers that a double holds exactly. */
const EVERYTHING = 2 ** 53;
const NEVER = 0;

/**
 * The unexpired revocations, in memory. An answer takes about a microsecond where there are a million, most of it waiting
 * for main memory; a record takes at most 64 bytes then. The set knows what it was told, and not whether that is all: the
 * feed does.
 *
 * What was revoked stays revoked until it expires, so there is no way to take a record out, and after a reconnect the
 * whole record can be applied to the set in use. Loading many: let the event loop turn between batches.
 */
export class RevocationSet {
  private readonly hash = newWordHash();
  private readonly tokens = new RecordTable(this.hash, { hasCutoffs: false });
  private readonly sessions = new RecordTable(this.hash, { hasCutoffs: false });
  private readonly users = new RecordTable(this.hash, { hasCutoffs: true });
  /** When the forbidding ends, by `kid`. A cluster has a handful of keys. */
  private readonly keys = new Map<string, number>();
  private all = { cutoff: NEVER, expiresAtSeconds: NEVER };
  private readonly sweep = new ExpirySweep([this.tokens, this.sessions, this.users]);

  /** Expired records are counted until they are pruned. */
  get size(): number {
    const all = this.all.expiresAtSeconds > NEVER ? 1 : 0;
    return this.tokens.size + this.sessions.size + this.users.size + this.keys.size + all;
  }

  /**
   * Applying twice is applying once, and the order does not matter: the later cutoff and the later expiry hold, as in the
   * database.
   *
   * @throws RangeError for what is no record. Whoever applies records has then lost one, and is no longer in sync.
   */
  apply({ level, target, cutoff, expiresAtSeconds }: RevocationRecord): void {
    // A NaN is later than nothing and nothing is later than it: it would lose this record or the next.
    if (!(expiresAtSeconds > NEVER) || !isCutoff(cutoff)) throw new RangeError('not a revocation');
    const below = cutoff ?? EVERYTHING;
    switch (level) {
      case 'token':
        return this.tokens.put(target, expiresAtSeconds, below);
      case 'session':
        return this.sessions.put(target, expiresAtSeconds, below);
      case 'user':
        return this.users.put(target, expiresAtSeconds, below);
      case 'all':
        return this.cutOffAll(below, expiresAtSeconds);
      case 'key':
        this.keys.set(target, Math.max(this.keys.get(target) ?? NEVER, expiresAtSeconds));
        return;
      default:
        throw new RangeError(`no level of revocation: ${String(level satisfies never)}`);
    }
  }

  /** @throws RangeError for ids that are no UUIDs; the claims were checked before. */
  forbids({ jti, sid, sub, seq, kid }: RevocableClaims, nowSeconds: number): boolean {
    return (
      this.tokens.forbids(jti, seq, nowSeconds) ||
      (sid !== undefined && this.sessions.forbids(sid, seq, nowSeconds)) ||
      this.users.forbids(sub, seq, nowSeconds) ||
      (this.all.cutoff > seq && this.all.expiresAtSeconds > nowSeconds) ||
      (this.keys.get(kid) ?? NEVER) > nowSeconds
    );
  }

  /**
   * Gives back the memory of expired records, which have not counted since. Looks at `maxPages` pages of at most 921 records
   * and goes on from there the next time; a million records have some 2,000 pages. How many it removed.
   */
  prune(nowSeconds: number, maxPages: number): number {
    const before = this.size;
    for (const [kid, expiresAtSeconds] of this.keys) if (expiresAtSeconds <= nowSeconds) this.keys.delete(kid);
    if (this.all.expiresAtSeconds <= nowSeconds) this.all = { cutoff: NEVER, expiresAtSeconds: NEVER };
    this.sweep.run(nowSeconds, maxPages);
    return before - this.size;
  }

  private cutOffAll(cutoff: number, expiresAtSeconds: number): void {
    this.all = {
      cutoff: Math.max(this.all.cutoff, cutoff),
      expiresAtSeconds: Math.max(this.all.expiresAtSeconds, expiresAtSeconds),
    };
  }
}

function isCutoff(cutoff: number | null): boolean {
  return cutoff === null || (Number.isSafeInteger(cutoff) && cutoff >= 0);
}
