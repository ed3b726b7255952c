import { type RevocationRecord } from '@recant/revocation-set';
import { type Clock } from '../../common/clock.js';
import { type ListeningConnection } from '../../database/listening-connection.js';
import { type Beat, parseFeedMessage } from './feed-message.js';
import { type NumberedRecord } from './feed-record.js';
import { type FeedTiming } from './feed-timing.js';
import { Heartbeat } from './heartbeat.js';
import { OtherDatabaseError } from './other-database.error.js';
import { PoolEcho } from './pool-echo.js';
import { type RevocationFeedRepository } from './revocation-feed.repository.js';
import { type RevocationSink } from './revocation-sink.js';
import { type SessionHandlers } from './session-handlers.js';

interface SessionTools {
  repository: RevocationFeedRepository;
  sink: RevocationSink;
  clock: Clock;
  timing: FeedTiming;
}

/**
 * The feed on one connection: reads everything, then applies what it hears in the order of its numbers, and proves that
 * nothing is missing by heartbeats. What does not add up is read anew; what fails ends the connection.
 */
export class FeedSession {
  private readonly heartbeat = new Heartbeat();
  private readonly echo: PoolEcho;
  /** What was heard while everything is read anew; null once that is done. */
  private queue: string[] | null = null;
  private number = 0;
  private lastAnswerAt: number;
  private isOver = false;

  constructor(
    private readonly connection: ListeningConnection,
    private readonly tools: SessionTools,
    private readonly handlers: SessionHandlers,
  ) {
    this.lastAnswerAt = tools.clock.monotonicMs();
    this.echo = new PoolEcho((word) => tools.repository.sendBeatByPool(word));
    void this.echo.sayWhenDue(this.lastAnswerAt);
    void this.readAll();
  }

  take(text: string): void {
    if (this.queue) this.queue.push(text);
    else this.handle(text);
  }

  /** Every `timing.beatMs`: sends the next heartbeat, unless one is under way; gives up on a connection that is silent. */
  tick(): void {
    void this.echo.sayWhenDue(this.tools.clock.monotonicMs());
    this.beatUnlessUnderWay();
    // Not before what has arrived is read: after a pause of the whole process, that is what the silence was.
    if (this.isSilent()) setImmediate(() => this.giveUpIfSilent());
  }

  end(): void {
    this.isOver = true;
  }

  private async readAll(): Promise<void> {
    const queue: string[] = (this.queue = []);
    // It proves nothing of the memory that is about to take over.
    this.heartbeat.forget();
    try {
      const refill = this.tools.sink.refill();
      const reading = await this.tools.repository.readAll(this.connection, (page) => this.fill(refill, page));
      if (this.isOver) return;
      const { number, databaseSeconds } = reading;
      refill.takeOver(databaseSeconds);
      this.number = number;
      this.queue = null;
      this.handlers.onReplaced(number);
      // A gap among them begins the next reading, whose queue takes the rest.
      for (const text of queue) this.take(text);
      this.beatUnlessUnderWay();
    } catch (error) {
      this.connection.breakOff(error as Error);
    }
  }

  private fill(refill: Pick<RevocationSink, 'apply'>, page: RevocationRecord[]): void {
    this.lastAnswerAt = this.tools.clock.monotonicMs();
    for (const record of page) refill.apply(record);
  }

  private readAgain(reason: string): void {
    this.handlers.onDoubt(reason);
    void this.readAll();
  }

  private handle(text: string): void {
    try {
      const message = parseFeedMessage(text);
      if ('record' in message) this.apply(message.record);
      else this.hear(message.beat);
    } catch (error) {
      this.readAgain(`a message could not be applied: ${(error as Error).message}`);
    }
  }

  private apply(record: NumberedRecord): void {
    // Committed before everything was read, heard after it.
    if (record.number <= this.number) return;
    if (record.number > this.number + 1) {
      this.readAgain(`revocation ${record.number} came after ${this.number}`);
      return;
    }
    this.tools.sink.apply(record);
    this.number = record.number;
    this.handlers.onRecord(record);
  }

  private hear(beat: Beat): void {
    if (beat.number > this.number) {
      this.readAgain(`revocation ${beat.number} has not come after ${this.number}`);
      return;
    }
    if (this.echo.hear(beat)) this.beatUnlessUnderWay();
    const sentAt = this.heartbeat.cameBack(beat);
    if (sentAt === null) return;
    if (this.echo.isMissing) return this.connection.breakOff(new OtherDatabaseError());
    // Until the pool is heard, nobody knows what the heartbeat is proof of.
    if (!this.echo.isHeard) return;
    this.lastAnswerAt = this.tools.clock.monotonicMs();
    this.handlers.onProof(sentAt);
    // On a slow link the next one is overdue already.
    if (this.lastAnswerAt - sentAt >= this.tools.timing.beatMs) this.beat();
  }

  /** While everything is read anew, it would prove nothing. */
  private beatUnlessUnderWay(): void {
    if (!this.queue && !this.heartbeat.isUnderWay) this.beat();
  }

  private beat(): void {
    this.echo.beatIsSent();
    const beat = this.heartbeat.next(this.tools.clock.monotonicMs());
    this.tools.repository.sendBeat(this.connection, beat).catch((error) => this.connection.breakOff(error as Error));
  }

  private isSilent(): boolean {
    return this.tools.clock.monotonicMs() - this.lastAnswerAt > this.tools.timing.giveUpMs;
  }

  private giveUpIfSilent(): void {
    if (this.isOver || !this.isSilent()) return;
    const what = this.echo.isHeard ? 'no heartbeat came back' : 'the pool was not heard';
    this.connection.breakOff(new Error(`${what} for ${this.tools.timing.giveUpMs} ms`));
  }
}
