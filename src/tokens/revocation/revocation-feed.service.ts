import { EventEmitter } from 'node:events';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { ConfigurationError } from '../../config/configuration-error.js';
import { Environment } from '../../config/environment.js';
import { type ListeningConnection } from '../../database/listening-connection.js';
import { PostgresListener } from '../../database/postgres-listener.js';
import { type NumberedRecord } from './feed-record.js';
import { FeedSession } from './feed-session.js';
import { type FeedTiming, feedTiming } from './feed-timing.js';
import { OtherDatabaseError } from './other-database.error.js';
import { RevocationFeedRepository, REVOCATIONS_CHANNEL } from './revocation-feed.repository.js';
import { RevocationSink } from './revocation-sink.js';

interface FeedEvents {
  /** Applied, each after the one before it. */
  record: [NumberedRecord];
  /** Everything up to this number was read anew; those in between were not told one by one. */
  replaced: [number: number];
  /** In sync: everything up to this number, and everything committed before this moment of the monotonic clock. */
  proof: [number: number, sentAtMs: number];
  /** Not in sync from here until the next proof, for this reason. */
  lost: [reason: string];
}

/**
 * Keeps a memory of the revocations true, and knows whether it is: in sync while it is proved that everything committed
 * up to a moment within the staleness has been applied. In doubt it says no, and then the database has to be asked.
 */
@Injectable()
export class RevocationFeed implements OnModuleDestroy {
  readonly events = new EventEmitter<FeedEvents>();
  private readonly logger = new Logger('Feed');
  private readonly timing: FeedTiming;
  private session: FeedSession | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** When the last heartbeat was sent that came back. */
  private lastProofAt = -Infinity;
  /** Likewise; -Infinity in doubt. */
  private provenAt = -Infinity;
  private isSaidToBeInSync = false;
  private lastNumber = 0;

  constructor(
    private readonly listener: PostgresListener,
    private readonly repository: RevocationFeedRepository,
    private readonly sink: RevocationSink,
    private readonly clock: Clock,
    environment: Environment,
  ) {
    this.timing = feedTiming(environment.revocationStalenessMs);
    listener.listen(REVOCATIONS_CHANNEL, (text) => this.session?.take(text));
    listener.on('connected', (connection) => this.begin(connection));
    listener.on('disconnected', (reason) => this.end(reason));
  }

  /**
   * Returns when everything has been read and proved.
   *
   * @throws ConfigurationError when what listens is led to another database; an error when it cannot listen.
   */
  async start(): Promise<void> {
    this.timer = setInterval(() => this.tick(), this.timing.beatMs).unref();
    try {
      await Promise.all([this.firstProof(), this.listener.start()]);
    } catch (error) {
      await this.onModuleDestroy();
      throw error instanceof OtherDatabaseError ? new ConfigurationError([error.message]) : error;
    }
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.session?.end();
    this.session = undefined;
    this.provenAt = -Infinity;
    await this.listener.stop();
  }

  /** Whether memory may answer. Compared at each call: a feed that has frozen is found out without its doing anything. */
  isInSync(): boolean {
    return this.clock.monotonicMs() - this.provenAt <= this.timing.stalenessMs;
  }

  /** Milliseconds since the moment up to which nothing is missing; also when a later doubt has made it useless. */
  ageMs(): number {
    return this.clock.monotonicMs() - this.lastProofAt;
  }

  /** The number of the last record that memory has, with every one before it. */
  get number(): number {
    return this.lastNumber;
  }

  private firstProof(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.events.once('proof', () => resolve());
      this.listener.once('disconnected', reject);
    });
  }

  private begin(connection: ListeningConnection): void {
    const { repository, sink, clock, timing, events } = this;
    this.session = new FeedSession(
      connection,
      { repository, sink, clock, timing },
      {
        onRecord: (record) => {
          this.lastNumber = record.number;
          events.emit('record', record);
        },
        onReplaced: (number) => {
          this.lastNumber = number;
          events.emit('replaced', number);
        },
        onProof: (sentAtMs) => this.prove(sentAtMs),
        onDoubt: (reason) => this.doubt(reason),
      },
    );
  }

  private end(reason: Error): void {
    this.session?.end();
    this.session = undefined;
    this.doubt(reason.message);
  }

  private prove(sentAtMs: number): void {
    this.lastProofAt = sentAtMs;
    this.provenAt = sentAtMs;
    // What comes back too late proves only what nobody asks any more.
    if (!this.isInSync()) return;
    if (!this.isSaidToBeInSync) this.logger.log(`In sync with the revocations, up to number ${this.number}.`);
    this.isSaidToBeInSync = true;
    this.events.emit('proof', this.number, sentAtMs);
  }

  private doubt(reason: string): void {
    this.provenAt = -Infinity;
    if (!this.isSaidToBeInSync) return;
    this.isSaidToBeInSync = false;
    this.logger.warn(`Not in sync with the revocations, so the database is asked: ${reason}`);
    this.events.emit('lost', reason);
  }

  private tick(): void {
    if (!this.isInSync()) this.doubt(`no proof for ${this.timing.stalenessMs} ms`);
    this.session?.tick();
  }
}
