import { newUuid } from '../../common/random.js';
import { type Beat } from './feed-message.js';

/** The heartbeats of one connection: which one is under way, and when it was sent. */
export class Heartbeat {
  /** Of this connection alone: what an earlier one sent may arrive here, and proves nothing here. */
  private readonly sender = newUuid();
  private beat = 0;
  private sentAt: number | null = null;

  get isUnderWay(): boolean {
    return this.sentAt !== null;
  }

  /** The next one, to be sent now. */
  next(nowMs: number): Omit<Beat, 'number'> {
    this.sentAt = nowMs;
    return { sender: this.sender, beat: ++this.beat };
  }

  /** When the one that came back was sent; null when it is not the one under way. */
  cameBack({ sender, beat }: Beat): number | null {
    if (sender !== this.sender || beat !== this.beat) return null;
    const { sentAt } = this;
    this.sentAt = null;
    return sentAt;
  }

  /** Whatever the one under way would prove when it comes back, it is not to be taken for proof. */
  forget(): void {
    this.sentAt = null;
    this.beat++;
  }
}
