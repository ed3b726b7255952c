import { type AuditEventName } from './audit-events.js';
import { networkOf } from './network.js';

/** Refusals of one kind and network that are written in a minute: enough to see who tries what, and too few to fill a disk. */
export const MOST_OF_NETWORK = 20;

/** Refusals that one instance writes in a minute, from however many networks they come. */
export const MOST_OF_ALL = 600;

/** Networks that are told apart in a minute. Beyond that, what is left out counts as of one. */
const MOST_NETWORKS = 10_000;

const OTHERS = 'others';

/** What a minute has left out. */
export interface LeftOut {
  count: number;
  networks: number;
  busiestNetwork: string;
}

/** How many refusals may be written within a minute, which whoever asks begins and ends. */
export class RefusalBudget {
  private written = 0;
  private readonly seen = new Map<string, number>();
  private readonly leftOut = new Map<string, number>();

  /** Whether one more may be written; if not, it is counted. */
  admits(ip: string | null, event: AuditEventName): boolean {
    const network = networkOf(ip);
    // Of each kind: many of one that anybody can make must not hide the one that tells.
    const kind = `${network} ${event}`;
    const count = this.seen.get(kind) ?? 0;
    if (this.written < MOST_OF_ALL && count < MOST_OF_NETWORK) {
      this.written++;
      this.seen.set(kind, count + 1);
      return true;
    }
    const name = this.leftOut.has(network) || this.leftOut.size < MOST_NETWORKS ? network : OTHERS;
    this.leftOut.set(name, (this.leftOut.get(name) ?? 0) + 1);
    return false;
  }

  /** Ends the minute; null when nothing was left out. */
  end(): LeftOut | null {
    const counts = [...this.leftOut];
    this.written = 0;
    this.seen.clear();
    this.leftOut.clear();
    if (counts.length === 0) return null;
    const [busiestNetwork] = counts.reduce((most, other) => (other[1] > most[1] ? other : most));
    return { count: counts.reduce((sum, [, count]) => sum + count, 0), networks: counts.length, busiestNetwork };
  }
}
