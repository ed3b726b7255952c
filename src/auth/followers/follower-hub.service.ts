import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { type ErrorCode } from '../../common/errors/error-catalog.js';
import { type EventStream } from '../../common/http/event-stream.js';
import { Environment } from '../../config/environment.js';
import { Metrics } from '../../metrics/metrics.js';
import { type NumberedRecord } from '../../tokens/revocation/feed-record.js';
import { feedTiming } from '../../tokens/revocation/feed-timing.js';
import { RevocationFeed } from '../../tokens/revocation/revocation-feed.service.js';
import { Follower } from './follower.js';
import { type FollowerRight, hasExpired, isEndedBy } from './follower-right.js';
import { LiveFeed } from './live-feed.js';

/**
 * Everyone who follows the revocations on this instance. Lets nobody in, and keeps nobody, while it is not proved that
 * the instance itself hears everything; and ends whose right ends.
 */
@Injectable()
export class FollowerHub implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Followers');
  private readonly followers = new Set<Follower>();
  private readonly live: LiveFeed;
  private readonly timing;
  private timer: NodeJS.Timeout | undefined;
  private isStopping = false;

  constructor(
    private readonly feed: RevocationFeed,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly environment: Environment,
  ) {
    this.live = new LiveFeed(clock);
    this.timing = feedTiming(environment.revocationStalenessMs);
    // Here, since the feed has told what it has read by the time at which modules are initialised.
    feed.events.on('record', (record) => this.tell(record));
    feed.events.on('replaced', (number) => this.live.skipTo(number));
    feed.events.on('proof', (_number, sentAtMs) => this.live.prove(sentAtMs));
    feed.events.on('lost', (reason) => this.endAll(reason));
  }

  onModuleInit(): void {
    this.timer = setInterval(() => this.look(), this.timing.beatMs).unref();
    this.metrics.offer('recant_feed_followers', () => this.followers.size);
  }

  onModuleDestroy(): void {
    this.isStopping = true;
    clearInterval(this.timer);
    this.endAll('the service stops');
  }

  /** Milliseconds between two proofs, when all is well. */
  get heartbeatMs(): number {
    return this.timing.beatMs;
  }

  /** For whoever asks whether their rights still count. */
  get all(): ReadonlySet<Follower> {
    return this.followers;
  }

  /**
   * Counts a client among the followers: from here on it is ended when its right is. It has everything up to `number`,
   * and is told nothing yet.
   *
   * @throws AuthError `feed_not_in_sync`, `too_many_followers`.
   */
  admit(right: FollowerRight, number: number, stream: EventStream): Follower {
    if (this.isStopping || !this.feed.isInSync()) throw new AuthError('feed_not_in_sync');
    if (this.followers.size >= this.environment.feedMaxFollowers) throw new AuthError('too_many_followers');
    const follower = new Follower(right, number, stream);
    this.followers.add(follower);
    stream.onClose(() => this.dismiss(follower));
    return follower;
  }

  /** Lets it hear what comes from now on; not yet when something that it lacks has been told meanwhile. */
  join(follower: Follower): boolean {
    return !follower.isOver && this.live.join(follower);
  }

  dismiss(follower: Follower): void {
    this.followers.delete(follower);
    this.live.leave(follower);
  }

  end(follower: Follower, refusal: ErrorCode): void {
    this.dismiss(follower);
    follower.end(refusal);
  }

  private tell(record: NumberedRecord): void {
    for (const follower of this.followers) {
      if (isEndedBy(follower.right, record)) this.end(follower, 'invalid_token');
    }
    this.live.tell(record);
  }

  /** What nobody tells us of: that a token has expired, that somebody does not read. */
  private look(): void {
    const nowSeconds = this.clock.nowSeconds();
    for (const follower of this.followers) {
      if (hasExpired(follower.right, nowSeconds)) this.end(follower, 'invalid_token');
      else follower.cutOffIfStalled(this.timing.giveUpMs);
    }
  }

  private endAll(reason: string): void {
    this.live.doubt();
    if (this.followers.size > 0) this.logger.log(`${this.followers.size} followers are sent away: ${reason}`);
    for (const follower of this.followers) this.end(follower, 'feed_not_in_sync');
  }
}
