import { newUuid } from '../../common/random.js';
import { type Beat } from './feed-message.js';

/** Milliseconds between two words of the pool: for so long at most is a pool believed that was led elsewhere meanwhile. */
const INTERVAL_MS = 10_000;

/**
 * Whether what the pool says is heard on the connection that listens. PostgreSQL delivers in the order of the commits: a
 * heartbeat that was sent when the pool's word had been committed, and comes back without it, was in another database,
 * and what it proves is not about this one.
 */
export class PoolEcho {
  private readonly sender = newUuid();
  private saidAt = -Infinity;
  private isSaying = false;
  private last = 0;
  private committed = 0;
  private heard = 0;
  /** What was committed when the heartbeat under way was sent. */
  private due = 0;

  constructor(private readonly say: (word: Omit<Beat, 'number'>) => Promise<void>) {}

  /** Whether the pool has been heard at all on this connection. */
  get isHeard(): boolean {
    return this.heard > 0;
  }

  /** Has the pool say something when it is time; what cannot be said is said at the next call. */
  async sayWhenDue(nowMs: number): Promise<void> {
    if (this.isSaying || nowMs - this.saidAt < INTERVAL_MS) return;
    this.isSaying = true;
    const word = ++this.last;
    try {
      await this.say({ sender: this.sender, beat: word });
      this.committed = word;
      this.saidAt = nowMs;
    } catch {
      // A pool that does not answer is told of by every request that needs it.
    } finally {
      this.isSaying = false;
    }
  }

  /** Whether it was the pool's word. */
  hear({ sender, beat }: Beat): boolean {
    if (sender !== this.sender) return false;
    this.heard = beat;
    return true;
  }

  beatIsSent(): void {
    this.due = this.committed;
  }

  /** Asked when the heartbeat under way has come back: whether it has overtaken what was said before it. */
  get isMissing(): boolean {
    return this.heard < this.due;
  }
}
