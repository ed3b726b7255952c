import { type FeedEvent } from './feed-event.js';
import { type RevocationMemory } from './revocation-memory.js';
import { type StreamClock } from './stream-clock.js';

/**
 * Takes the events of one stream in their order. First come those that we lack, in the order of the numbers and with holes
 * where records have been changed or have expired; from the first proof on every number comes, and a hole is a loss.
 */
export class FeedReader {
  /** Milliseconds between two proofs. */
  heartbeatMs = 0;
  private isLive = false;

  constructor(
    private readonly memory: RevocationMemory,
    private readonly clock: StreamClock,
    /** The moment up to which nothing is missing, on our clock; null where the clocks cannot be compared any more. */
    private readonly onProof: (atMs: number | null) => void,
  ) {}

  /** @throws Error when something may have been missed. */
  take(event: FeedEvent): void {
    if ((event.type === 'open') === this.clock.isOpen)
      throw new Error('the opening is not the beginning of the stream');
    switch (event.type) {
      case 'open':
        this.clock.open(event.timeMs);
        this.heartbeatMs = event.heartbeatMs;
        return;
      case 'revocation':
        this.expect(event.number, this.memory.number + 1);
        return this.memory.apply(event.number, event.record);
      case 'proof':
        this.expect(event.number, this.memory.number);
        return this.prove(event.number, event.timeMs);
      default:
        event satisfies never;
    }
  }

  private expect(number: number, next: number): void {
    if (number < next || (this.isLive && number > next)) throw new Error(`number ${number} came in place of ${next}`);
  }

  private prove(number: number, timeMs: number): void {
    const atMs = this.clock.momentOf(timeMs);
    if (atMs !== null) {
      this.memory.complete(number);
      this.isLive = true;
    }
    this.onProof(atMs);
  }
}
