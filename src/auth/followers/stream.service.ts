import { Injectable, Logger } from '@nestjs/common';
import pLimit from 'p-limit';
import { AuthError } from '../../common/errors/auth-error.js';
import { type EventStream } from '../../common/http/event-stream.js';
import {
  NO_END,
  type NumberedPage,
  NumberedRecordRepository,
} from '../../tokens/revocation/numbered-record.repository.js';
import { RevokedTokenRepository } from '../../tokens/revocation/revoked-token.repository.js';
import { openEvent, recordEvent } from './feed-events.js';
import { type Follower } from './follower.js';
import { FollowerHub } from './follower-hub.service.js';
import { type FollowerRight, isBySecret } from './follower-right.js';

/** Records in one piece, some 60 KiB: of each follower that reads slowly, that much waits in memory. */
const PAGE_SIZE = 500;

/** Pages read at once, whoever they are for: when all followers come back together, requests find connections too. */
const PAGES_AT_ONCE = 3;

export interface FollowerRequest {
  right: FollowerRight;
  /** A moment on the monotonic clock that was not before the request came. */
  arrivedAtMs: number;
}

/**
 * Begins streams. What a follower lacks it gets from the database, page by page and no faster than it reads; then, without
 * a gap and without a queue, what everyone gets.
 */
@Injectable()
export class StreamService {
  private readonly logger = new Logger('Followers');
  private readonly limit = pLimit(PAGES_AT_ONCE);

  constructor(
    private readonly records: NumberedRecordRepository,
    private readonly revokedTokens: RevokedTokenRepository,
    private readonly hub: FollowerHub,
  ) {}

  /**
   * Returns when the stream has begun.
   *
   * @throws AuthError `feed_not_in_sync`, `too_many_followers`, `feed_number_unknown`, or for a right that has ended.
   */
  async begin({ right, arrivedAtMs }: FollowerRequest, number: number, stream: EventStream): Promise<void> {
    const follower = this.hub.admit(right, number, stream);
    try {
      await this.refuseRevoked(right);
      const page = await this.readFor(follower);
      if (number > page.counter) throw new AuthError('feed_number_unknown');
      follower.begin(openEvent(arrivedAtMs, this.hub.heartbeatMs));
      void this.catchUp(follower, page);
    } catch (error) {
      this.hub.dismiss(follower);
      throw error;
    }
  }

  /** Once more, after the guard: what was revoked between its look and the admission ended nobody. */
  private async refuseRevoked(right: FollowerRight): Promise<void> {
    if (!isBySecret(right) && (await this.revokedTokens.isRevoked(right.claims)))
      throw new AuthError('invalid_token', { reason: 'revoked' });
  }

  /**
   * Tells pages until the last one, and joins the follower to the others in the same turn of the event loop. What is told
   * to them is in the order of the numbers, so one who joins lacks nothing if it has everything that was told so far. If
   * not, since the page was read before that, the next one has it. One who has read further than this instance has heard
   * joins too, and does not get it twice.
   */
  private async catchUp(follower: Follower, first: NumberedPage): Promise<void> {
    try {
      for (let page = first; !follower.isOver; page = await this.readFor(follower)) {
        follower.tell(page.records.map(recordEvent).join(''), numberAfter(page));
        if (page.isLast && this.hub.join(follower)) return;
        await follower.drained();
      }
    } catch (error) {
      // It begins anew where it stopped, at this instance or another one.
      this.logger.debug(`A follower could not be told what it lacks: ${(error as Error).message}`);
      this.hub.end(follower, 'storage_unavailable');
    }
  }

  private readFor(follower: Follower): Promise<NumberedPage> {
    return this.limit(() => this.records.findAfter(follower.number, NO_END, PAGE_SIZE));
  }
}

/** Up to which number everything has been told, once this page has. */
function numberAfter({ records, counter, isLast }: NumberedPage): number {
  return isLast ? counter : records.at(-1)!.number;
}
