import { type Clock } from '../../common/clock.js';
import { type NumberedRecord } from '../../tokens/revocation/feed-record.js';
import { proofEvent, recordEvent } from './feed-events.js';
import { type Follower } from './follower.js';

/** Milliseconds between two writes to the same follower at least: a storm of revocations is written in few pieces. */
const MIN_PAUSE_MS = 20;
/** At most, so that with the pause and the writing a revocation is everywhere within 100 ms. */
const MAX_PAUSE_MS = 60;
/** Pauses for each millisecond that a writing took: to a thousand it takes about twelve, and the requests have the rest. */
const PAUSE_FACTOR = 9;

interface Waiting {
  number: number;
  event: string;
}

/**
 * What is told to all followers alike, as it happens: each event is made into bytes once. The first revocation after a
 * pause goes out at once, those that come in the pause after it together.
 */
export class LiveFeed {
  private readonly followers = new Set<Follower>();
  /** Heard in the pause. */
  private waiting: Waiting[] = [];
  private isPausing = false;
  private pause: NodeJS.Timeout | undefined;
  /** The last number that was told; also when nobody was there to be told. */
  private toldNumber = 0;
  /** Of the last proof, since memory was last in doubt. */
  private provenAtMs: number | null = null;

  constructor(private readonly clock: Clock) {}

  /**
   * Lets a follower hear what comes from now on, with a proof of what it has. Not one that lacks something that has been
   * told already: then it has to read on.
   */
  join(follower: Follower): boolean {
    if (follower.number < this.toldNumber) return false;
    this.followers.add(follower);
    // What the proof was about had been told by then, and it lacks nothing of what was told.
    if (this.provenAtMs !== null) follower.tell(proofEvent(follower.number, this.provenAtMs), follower.number);
    return true;
  }

  leave(follower: Follower): void {
    this.followers.delete(follower);
  }

  tell(record: NumberedRecord): void {
    this.waiting.push({ number: record.number, event: recordEvent(record) });
    if (!this.isPausing) this.flush();
  }

  /** Everything that was heard, which is everything that was committed before this moment, has been told, or is now. */
  prove(sentAtMs: number): void {
    this.provenAtMs = sentAtMs;
    this.flush(sentAtMs);
  }

  /** Nothing is proved until the next proof. */
  doubt(): void {
    this.provenAtMs = null;
  }

  /** Everything up to this number was read anew, after a doubt that sent everyone away. */
  skipTo(number: number): void {
    this.toldNumber = number;
    this.waiting = [];
  }

  /** Tells what waits, and the proof if there is one, in one piece. */
  private flush(sentAtMs: number | null = null): void {
    const begunMs = this.clock.monotonicMs();
    const { waiting, toldNumber } = this;
    const number = waiting.at(-1)?.number ?? toldNumber;
    const proof = sentAtMs === null ? '' : proofEvent(number, sentAtMs);
    const bytes = Buffer.from(eventsOf(waiting) + proof);
    for (const follower of this.followers) {
      if (follower.number === toldNumber) follower.tell(bytes, number);
      // It has read further than we had heard; whoever has read further still has the next proof.
      else if (follower.number <= number) follower.tell(eventsOf(waiting, follower.number) + proof, number);
    }
    this.toldNumber = number;
    this.waiting = [];
    this.beginPause(begunMs);
  }

  private beginPause(begunMs: number): void {
    clearTimeout(this.pause);
    this.isPausing = true;
    // Node hands the bytes to the system when this turn is over, which is most of the work.
    process.nextTick(() => {
      const tookMs = this.clock.monotonicMs() - begunMs;
      const pauseMs = Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, PAUSE_FACTOR * tookMs));
      clearTimeout(this.pause);
      this.pause = setTimeout(() => this.endPause(), pauseMs).unref();
    });
  }

  private endPause(): void {
    this.isPausing = false;
    if (this.waiting.length > 0) this.flush();
  }
}

/** Those above this number. */
function eventsOf(waiting: Waiting[], number = 0): string {
  return waiting
    .filter((one) => one.number > number)
    .map(({ event }) => event)
    .join('');
}
