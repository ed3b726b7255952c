import { type RevocableClaims } from '@recant/revocation-set';
import { type Issuer } from '../issuer.js';
import { type Settings } from '../options.js';
import { FeedAge } from './feed-age.js';
import { FeedReader } from './feed-reader.js';
import { followStream, NotUnderstood, StreamRefused } from './feed-stream.js';
import { Pauses } from './pauses.js';
import { RevocationMemory } from './revocation-memory.js';
import { type StreamClock } from './stream-clock.js';

/** Milliseconds between two looks at what has expired, and at whether the last proof still counts. */
const LOOK_MS = 250;

/** Pages of the set for each look; see `RevocationSet.prune`. */
const PAGES_AT_ONCE = 4;

/** RFC 9110 §15.5.10: the issuer has not come to our number. It is another database, or an older one. */
const CONFLICT = 409;

/** Milliseconds for which every proof may come too late before another connection is tried: what queues may be this one. */
const LATENESS_MS = 10_000;

/** Milliseconds of a stream. Another one compares the clocks anew, which drift apart by some ten in that time. */
const RENEWAL_MS = 900_000;

/** A stream was ended to begin another. Nothing is wrong. */
class Renewed extends Error {}

/**
 * Keeps the unexpired revocations of the issuer in memory, and knows whether they are all of them: in sync until
 * `maxStalenessMs` after the moment up to which the issuer has proved that everything was told.
 */
export class RevocationFeed {
  private readonly memory = new RevocationMemory();
  private readonly age = new FeedAge();
  /** When a proof last came early enough for the next one to find it counting. */
  private timelyAtMs = 0;
  private isSaidToBeInSync = false;
  private isOver = false;
  private ending = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private following: Promise<void> | undefined;
  private readonly pauses = new Pauses();
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly issuer: Issuer,
    private readonly settings: Settings,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_MS).unref();
    this.following = this.follow();
  }

  async stop(): Promise<void> {
    this.isOver = true;
    clearInterval(this.timer);
    this.pauses.end();
    this.ending.abort(new Error('closed'));
    await this.following;
    this.age.forget();
    this.release();
  }

  /** Resolves when it is in sync for the first time after the call; also when it is stopped. */
  proven(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Compared at each call, so that whatever stands still is found out without its doing anything. */
  get isInSync(): boolean {
    return this.ageMs <= this.settings.maxStalenessMs;
  }

  /** Milliseconds since the moment up to which nothing is missing. */
  get ageMs(): number {
    return this.age.ms;
  }

  get number(): number {
    return this.memory.number;
  }

  get size(): number {
    return this.memory.size;
  }

  /** Whether anything that was ever heard forbids it. */
  forbids(claims: RevocableClaims): boolean {
    return this.memory.forbids(claims, Date.now() / 1000);
  }

  /** Opens one stream after the other, until `stop`. */
  private async follow(): Promise<void> {
    while (!this.isOver) {
      const failure = await this.followOnce();
      if (this.isOver) return;
      if (failure instanceof Renewed) continue;
      this.settings.onEvent({ type: 'error', error: failure });
      await this.pauses.pause(failure instanceof StreamRefused ? failure.retryAfterMs : null);
    }
  }

  /** Answers why it ended. */
  private async followOnce(): Promise<Error> {
    const ending = (this.ending = new AbortController());
    this.timelyAtMs = performance.now();
    const readBy = (clock: StreamClock): FeedReader => {
      const reader = new FeedReader(this.memory, clock, (atMs) => this.prove(atMs, reader.heartbeatMs, clock));
      return reader;
    };
    try {
      await followStream(this.issuer, this.memory.number, readBy, ending);
      throw new Error('the stream of revocations ended');
    } catch (error) {
      if (this.isUseless(error)) this.forget();
      return ending.signal.aborted ? (ending.signal.reason as Error) : (error as Error);
    } finally {
      ending.abort();
    }
  }

  /** Whether what is known cannot be gone on from: something was told that we did not get, or the numbers are others. */
  private isUseless(error: unknown): boolean {
    return error instanceof NotUnderstood || (error instanceof StreamRefused && error.status === CONFLICT);
  }

  private forget(): void {
    this.memory.forget();
    this.age.forget();
  }

  private prove(atMs: number | null, heartbeatMs: number, clock: StreamClock): void {
    if (atMs === null) {
      this.ending.abort(new Error('a clock stood still'));
      return;
    }
    this.age.prove(atMs);
    this.endIfLate(performance.now() - atMs, heartbeatMs);
    if (clock.ageMs > RENEWAL_MS) this.ending.abort(new Renewed());
    if (!this.isInSync) return;
    this.release();
    this.tell();
  }

  /**
   * The time that it took to open the stream counts as age for as long as the stream lasts: one that was opened slowly, as
   * when all followers come back at once, would be out of sync for good.
   */
  private endIfLate(lateMs: number, heartbeatMs: number): void {
    const { maxStalenessMs } = this.settings;
    if (lateMs <= Math.max(maxStalenessMs - heartbeatMs, maxStalenessMs / 2)) {
      this.timelyAtMs = performance.now();
      this.pauses.reset();
    } else if (performance.now() - this.timelyAtMs > LATENESS_MS) {
      this.ending.abort(new Error(`every proof came too late for ${LATENESS_MS} ms`));
    }
  }

  private look(): void {
    this.memory.prune(Date.now() / 1000, PAGES_AT_ONCE);
    this.tell();
  }

  private tell(): void {
    const { isInSync, number, size } = this;
    if (isInSync === this.isSaidToBeInSync) return;
    this.isSaidToBeInSync = isInSync;
    if (isInSync) this.settings.onEvent({ type: 'in-sync', number, records: size });
    else this.settings.onEvent({ type: 'out-of-sync', reason: 'no proof that counts that nothing is missing' });
  }

  private release(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
