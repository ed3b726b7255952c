import { type Clock } from '../../common/clock.js';
import { type NumberedRecord } from '../../tokens/revocation/feed-record.js';
import { proofEvent, recordEvent } from './feed-events.js';
import { type Follower } from './follower.js';

/** Milliseconds between two writes to the same follower at least: a storm of revocations is written in few pieces. */
const MIN_PAUSE_MS = 20;
/** At most, so that with the pause and the writing a revocation is everywhere well within 100 ms. */
const MAX_PAUSE_MS = 50;
/** Pauses for each millisecond that a writing took: with many followers, writing leaves nine tenths to the requests. */
const PAUSE_FACTOR = 9;

interface Told {
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
  private waiting: Told[] = [];
  private pause: NodeJS.Timeout | undefined;
  /** The last number that was told, or that nobody was there to be told. */
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
    // It has everything that the proof was about: that was told by then, and it lacks nothing that was told.
    if (this.provenAtMs !== null) follower.tell(proofEvent(follower.number, this.provenAtMs), follower.number);
    return true;
  }

  leave(follower: Follower): void {
    this.followers.delete(follower);
  }

  tell(record: NumberedRecord): void {
    if (this.followers.size === 0) {
      this.toldNumber = record.number;
      return;
    }
    this.waiting.push({ number: record.number, event: recordEvent(record) });
    if (!this.pause) this.flush();
  }

  /** Everything up to the number that was told last, committed before this moment, has been told. */
  prove(sentAtMs: number): void {
    this.provenAtMs = sentAtMs;
    this.flush();
    const number = this.toldNumber;
    const bytes = Buffer.from(proofEvent(number, sentAtMs));
    // One that has read further than we have heard has its next proof with ours.
    for (const follower of this.followers) if (follower.number === number) follower.tell(bytes, number);
  }

  /** Nothing is known up to the next proof, and nobody is there to be told. */
  forget(): void {
    clearTimeout(this.pause);
    this.pause = undefined;
    this.waiting = [];
    this.provenAtMs = null;
  }

  /** Everything up to this number was read anew. Whoever follows read it too. */
  skipTo(number: number): void {
    this.toldNumber = number;
  }

  private flush(): void {
    const { waiting } = this;
    if (waiting.length === 0) return;
    this.waiting = [];
    const begun = this.clock.monotonicMs();
    const bytes = bytesOf(waiting);
    const [first, last] = [waiting[0]!.number, waiting.at(-1)!.number];
    for (const follower of this.followers) {
      if (follower.number < first) follower.tell(bytes, last);
      else if (follower.number < last) follower.tell(bytesOf(waiting, follower.number), last);
    }
    this.toldNumber = last;
    this.pauseAfter(this.clock.monotonicMs() - begun);
  }

  private pauseAfter(tookMs: number): void {
    clearTimeout(this.pause);
    const pauseMs = Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, PAUSE_FACTOR * tookMs));
    this.pause = setTimeout(() => {
      this.pause = undefined;
      this.flush();
    }, pauseMs).unref();
  }
}

/** What one lacks who has everything up to this number. */
function bytesOf(told: Told[], number = 0): Buffer {
  const lacking = told.filter((one) => one.number > number);
  return Buffer.from(lacking.map(({ event }) => event).join(''));
}
