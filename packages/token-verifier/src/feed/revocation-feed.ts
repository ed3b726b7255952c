import { type RevocableClaims, type RevocationRecord, RevocationSet } from '@recant/revocation-set';
import { type Issuer } from '../issuer.js';
import { type Settings } from '../options.js';
import { type FeedEvent } from './feed-event.js';
import { followStream, NotUnderstood, StreamRefused } from './feed-stream.js';
import { Pauses } from './pauses.js';

/** Milliseconds between two looks at what has expired, and at whether the last proof still counts. */
const LOOK_MS = 250;

/** Pages of the set for each look; see `RevocationSet.prune`. */
const PAGES_AT_ONCE = 4;

/** RFC 9110 §15.5.10: the issuer has not come to our number. It is another database, or an older one. */
const CONFLICT = 409;

/** A set, and the number up to which everything is in it that was told. */
interface Reading {
  set: RevocationSet;
  number: number;
}

const fromTheFirst = (): Reading => ({ set: new RevocationSet(), number: 0 });

/**
 * Keeps the unexpired revocations of the issuer in memory, and knows whether they are all of them: in sync until
 * `maxStalenessMs` after the moment up to which the issuer has proved that everything was told.
 *
 * The age of a proof needs no common clock. Let `began` be our time before the request was sent, and `opened` the
 * issuer's when it had arrived, which was later. What the issuer did at `t` on its clock did not happen before
 * `began + (t - opened)` on ours. Taken for that moment, a proof may look older than it is, and never younger, however
 * long anything in between delays or keeps it.
 */
export class RevocationFeed {
  private current = fromTheFirst();
  /** What is read anew from the beginning, until its first proof. */
  private next: Reading | null = fromTheFirst();
  private openedAtMs: number | null = null;
  private provenAtMs = -Infinity;
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
    this.provenAtMs = -Infinity;
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
    return performance.now() - this.provenAtMs;
  }

  get number(): number {
    return this.current.number;
  }

  get size(): number {
    return this.current.set.size;
  }

  /** Whether anything that was ever heard forbids it. */
  forbids(claims: RevocableClaims): boolean {
    const now = Date.now() / 1000;
    return this.current.set.forbids(claims, now) || (this.next?.set.forbids(claims, now) ?? false);
  }

  /** Opens one stream after the other, until `stop`. */
  private async follow(): Promise<void> {
    while (!this.isOver) {
      const failure = await this.followOnce();
      if (this.isOver) return;
      this.settings.onEvent({ type: 'error', error: failure });
      await this.pauses.pause(failure instanceof StreamRefused ? failure.retryAfterMs : null);
    }
  }

  /** Answers why it ended. */
  private async followOnce(): Promise<Error> {
    const { number } = this.next ?? this.current;
    this.openedAtMs = null;
    this.ending = new AbortController();
    try {
      await followStream(this.issuer, number, (event, beganAtMs) => this.take(event, beganAtMs), this.ending);
      throw new Error('the stream of revocations ended');
    } catch (error) {
      if (this.isUseless(error)) this.forget();
      return this.ending.signal.aborted ? (this.ending.signal.reason as Error) : (error as Error);
    } finally {
      this.ending.abort();
    }
  }

  /** Whether what is known cannot be gone on from: something was told that we did not get, or the numbers are others. */
  private isUseless(error: unknown): boolean {
    return error instanceof NotUnderstood || (error instanceof StreamRefused && error.status === CONFLICT);
  }

  private forget(): void {
    this.next = fromTheFirst();
    this.provenAtMs = -Infinity;
  }

  private take(event: FeedEvent, beganAtMs: number): void {
    if (event.type === 'open') this.openedAtMs = event.timeMs;
    else if (this.openedAtMs === null) throw new Error('a stream that does not begin with its opening');
    else if (event.type === 'revocation') this.apply(event.record, event.number);
    else this.prove(event.number, beganAtMs + (event.timeMs - this.openedAtMs));
  }

  private apply(record: RevocationRecord, number: number): void {
    const reading = this.next ?? this.current;
    reading.set.apply(record);
    reading.number = Math.max(reading.number, number);
  }

  private prove(number: number, atMs: number): void {
    if (this.next) this.current = this.next;
    this.next = null;
    this.current.number = Math.max(this.current.number, number);
    // Of an earlier stream, a later proof may be known: both are right.
    this.provenAtMs = Math.max(this.provenAtMs, atMs);
    if (!this.isInSync) return;
    this.pauses.reset();
    this.release();
    this.tell();
  }

  private look(): void {
    this.current.set.prune(Date.now() / 1000, PAGES_AT_ONCE);
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
