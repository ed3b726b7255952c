import { type IncomingMessage } from 'node:http';
import { type ApiClient, type RequestOptions } from './api-client.js';

export interface FeedEvent {
  event: string;
  id?: number;
  // eslint-disable-next-line typescript/no-explicit-any
  data: any;
}

/** A follower of the revocations: every event of one stream, as it came. */
export class FollowedStream {
  readonly events: FeedEvent[] = [];
  /** Resolves when the service has ended the stream, or the test has. */
  readonly ended: Promise<void>;
  private readonly waiting = new Set<() => void>();
  private isOver = false;

  private constructor(private readonly response: IncomingMessage) {
    this.ended = this.read().catch(() => undefined);
    void this.ended.then(() => this.finish());
  }

  static async open(api: ApiClient, options: RequestOptions, after?: number): Promise<FollowedStream> {
    const headers = { ...options.headers, ...(after !== undefined && { 'last-event-id': String(after) }) };
    const response = await api.open('/revocations/stream', { ...options, headers });
    if (response.statusCode !== 200) throw new Error(`the stream answered ${response.statusCode}`);
    return new FollowedStream(response);
  }

  /** The records so far, in the order in which they came. */
  get records(): FeedEvent[] {
    return this.events.filter(({ event }) => event === 'revocation');
  }

  get proofs(): FeedEvent[] {
    return this.events.filter(({ event }) => event === 'proof');
  }

  /** Resolves with the first event that fits, of those that came and those to come. @throws when the stream ends before. */
  async until(fits: (event: FeedEvent) => boolean): Promise<FeedEvent> {
    for (;;) {
      const found = this.events.find(fits);
      if (found) return found;
      if (this.isOver) throw new Error('the stream ended before');
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  /** Resolves with the next proof of at least this number that has not come yet. */
  proofOf(number: number): Promise<FeedEvent> {
    const seen = this.events.length;
    return this.until((event) => event.event === 'proof' && event.id! >= number && this.events.indexOf(event) >= seen);
  }

  async close(): Promise<void> {
    this.response.destroy();
    await this.ended;
  }

  private async read(): Promise<void> {
    let rest = '';
    for await (const text of this.response.setEncoding('utf8')) {
      const texts = `${rest}${text}`.split('\n\n');
      rest = texts.pop()!;
      this.events.push(...texts.map(parse));
      this.wake();
    }
  }

  private finish(): void {
    this.isOver = true;
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

/** Every line is a field that we know, each at most once, or the test fails. */
function parse(text: string): FeedEvent {
  const match = /^(?:id: (\d+)\n)?event: (\w+)\ndata: (.+)$/.exec(text);
  if (!match) throw new Error(`not an event: ${text}`);
  const [, id, event, data] = match;
  return { event: event!, ...(id !== undefined && { id: Number(id) }), data: JSON.parse(data!) };
}
