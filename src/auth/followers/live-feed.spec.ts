import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Clock } from '../../common/clock.js';
import { type EventStream } from '../../common/http/event-stream.js';
import { type NumberedRecord } from '../../tokens/revocation/feed-record.js';
import { Follower } from './follower.js';
import { type FollowerRight } from './follower-right.js';
import { LiveFeed } from './live-feed.js';

// Real: the feed and its followers. Not real: the timers, and the connections, which note what is written to them.
beforeAll(() => Logger.overrideLogger(false));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class NotedStream {
  readonly pieces: (string | Buffer)[] = [];
  unsentBytes = 0;
  isCutOff = false;

  onClose(): void {}

  write(bytes: string | Buffer): void {
    this.pieces.push(bytes);
  }

  cutOff(): void {
    this.isCutOff = true;
  }

  /** The ids in the order in which they were written, each with its event. */
  get told(): string[] {
    return [...this.pieces.join('').matchAll(/id: (\d+)\nevent: (\w+)/g)].map(([, id, event]) => `${event} ${id}`);
  }
}

function aFollower(number: number): { follower: Follower; stream: NotedStream } {
  const stream = new NotedStream();
  const follower = new Follower({ clientId: 'orders' } as FollowerRight, number, stream as unknown as EventStream);
  return { follower, stream };
}

/** A feed that has told everything up to a number. */
function aFeed(number: number): LiveFeed {
  const feed = new LiveFeed(new Clock());
  feed.skipTo(number);
  return feed;
}

const record = (number: number): NumberedRecord => ({
  number,
  level: 'token',
  target: randomUUID(),
  cutoff: null,
  expiresAtSeconds: 2e9,
});

async function letPass(ms: number): Promise<void> {
  // What Node does when the turn is over, which no timer waits for.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  vi.advanceTimersByTime(ms);
}

describe('what is told live', () => {
  it('goes out at once after a pause, and in few pieces in a storm', async () => {
    const feed = aFeed(0);
    const { follower, stream } = aFollower(0);
    feed.join(follower);
    feed.tell(record(1));
    expect(stream.told).toEqual(['revocation 1']);
    for (let number = 2; number <= 500; number++) feed.tell(record(number));
    expect(stream.pieces).toHaveLength(1);
    await letPass(60);
    expect(stream.pieces).toHaveLength(2);
    expect(stream.told).toEqual(Array.from({ length: 500 }, (_, at) => `revocation ${at + 1}`));
    await letPass(60);
    feed.tell(record(501));
    expect(stream.pieces).toHaveLength(3);
  });

  it('is the same bytes for everyone', () => {
    const feed = aFeed(0);
    const followers = [aFollower(0), aFollower(0)] as const;
    for (const { follower } of followers) feed.join(follower);
    feed.tell(record(1));
    feed.prove(0);
    const [one, other] = followers.map(({ stream }) => stream.pieces);
    expect(one).toHaveLength(2);
    for (const [at, piece] of one!.entries()) expect(piece).toBe(other![at]);
  });

  it('goes with the proof in one piece, before it', () => {
    const feed = aFeed(0);
    const { follower, stream } = aFollower(0);
    feed.join(follower);
    for (const number of [1, 2, 3]) feed.tell(record(number));
    feed.prove(7);
    expect(stream.pieces).toHaveLength(2);
    expect(stream.told).toEqual(['revocation 1', 'revocation 2', 'revocation 3', 'proof 3']);
  });
});

describe('one who joins', () => {
  it('has everything that was told, or has to read on', () => {
    const feed = aFeed(5);
    feed.tell(record(6));
    const { follower, stream } = aFollower(5);
    expect(feed.join(follower)).toBe(false);
    feed.prove(1);
    expect(stream.pieces).toEqual([]);
    follower.number = 6;
    expect(feed.join(follower)).toBe(true);
    expect(stream.told).toEqual(['proof 6']);
  });

  it('may join in a pause, and gets what waits', async () => {
    const feed = aFeed(0);
    feed.tell(record(1));
    feed.tell(record(2));
    const [behind, ahead] = [aFollower(1), aFollower(2)];
    expect([feed.join(behind.follower), feed.join(ahead.follower)]).toEqual([true, true]);
    await letPass(60);
    expect([behind.stream.told, ahead.stream.told]).toEqual([['revocation 2'], []]);
  });

  it('is told nothing twice when it has read further than was heard, nor a proof with a lower number', async () => {
    const feed = aFeed(0);
    const { follower, stream } = aFollower(2);
    feed.join(follower);
    feed.tell(record(1));
    feed.prove(1);
    expect(stream.pieces).toEqual([]);
    for (const number of [2, 3]) feed.tell(record(number));
    await letPass(60);
    feed.prove(2);
    expect(stream.told).toEqual(['revocation 3', 'proof 3']);
  });

  it('gets no proof of a time before a doubt', () => {
    const feed = aFeed(0);
    feed.prove(1);
    feed.doubt();
    const { follower, stream } = aFollower(0);
    feed.join(follower);
    expect(stream.pieces).toEqual([]);
  });
});

describe('one who does not read', () => {
  it('is cut off when more than 1 MiB waits for it, and told nothing more', async () => {
    const feed = aFeed(0);
    const { follower, stream } = aFollower(0);
    feed.join(follower);
    stream.unsentBytes = 1024 * 1024;
    feed.tell(record(1));
    expect(stream.isCutOff).toBe(false);
    stream.unsentBytes++;
    feed.prove(1);
    expect(stream.isCutOff).toBe(true);
    expect(stream.pieces).toHaveLength(1);
    expect(follower.isOver).toBe(true);
  });
});
