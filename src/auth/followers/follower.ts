import { Logger } from '@nestjs/common';
import { AuthError } from '../../common/errors/auth-error.js';
import { type ErrorCode } from '../../common/errors/error-catalog.js';
import { type EventStream } from '../../common/http/event-stream.js';
import { type FollowerRight } from './follower-right.js';

/** More must not wait to be read when something is to be written. A page of a replay and a burst of revocations are less. */
const MAX_UNSENT_BYTES = 1024 * 1024;

const logger = new Logger('Followers');

/** A client that follows the revocations: by which right, and how far it has been told. */
export class Follower {
  private refusal: ErrorCode | null = null;
  private isGone = false;

  constructor(
    readonly right: FollowerRight,
    /** Everything up to this number it has, or it has been written. */
    public number: number,
    private readonly stream: EventStream,
  ) {
    stream.onClose(() => (this.isGone = true));
  }

  get isOver(): boolean {
    return this.isGone || this.refusal !== null;
  }

  /** Sends the head and a first event. @throws AuthError when it has been ended before. */
  begin(event: string): void {
    if (this.refusal) throw new AuthError(this.refusal, { reason: 'ended before it began' });
    this.stream.begin();
    this.stream.write(event);
  }

  /** Writes what brings it up to this number. */
  tell(bytes: string | Buffer, number: number): void {
    this.number = number;
    if (this.isOver || bytes.length === 0) return;
    if (this.stream.unsentBytes > MAX_UNSENT_BYTES) this.cutOff();
    else this.stream.write(bytes);
  }

  /** Returns when what was told has been read, or the follower is gone. */
  drained(): Promise<void> {
    return this.stream.drained();
  }

  /** Ends it for the reason for which its request would be refused now; one that has not begun is refused. */
  end(refusal: ErrorCode): void {
    if (this.isOver) return;
    this.refusal = refusal;
    this.stream.end();
  }

  /** Ends it, if it has not read for so long what was told. */
  cutOffIfStalled(forMs: number): void {
    if (!this.isOver && this.stream.isStalled(forMs)) this.cutOff();
  }

  private cutOff(): void {
    this.isGone = true;
    logger.log(`Client ${this.right.clientId} is cut off: it does not read what it is told.`);
    this.stream.cutOff();
  }
}
