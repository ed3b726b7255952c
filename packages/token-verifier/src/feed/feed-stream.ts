import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type Issuer } from '../issuer.js';
import { type FeedEvent, readFeedEvent } from './feed-event.js';

/** Characters of one event at most; the longest of ours has some 200. */
const MAX_EVENT_LENGTH = 16 * 1024;

/** Milliseconds without a single byte after which a stream is taken for dead; proofs come about every 500. */
const SILENCE_MS = 3_000;

/** Why a stream could not be opened, and when the issuer wants to be asked again. */
export class StreamRefused extends Error {
  constructor(
    readonly status: number,
    readonly retryAfterMs: number | null,
  ) {
    super(`the issuer answered ${status} to a follower of its revocations`);
  }
}

/** An event that was not understood, or could not be kept: it may have been a revocation. */
export class NotUnderstood extends Error {}

/**
 * Follows the issuer's stream from a number on and hands out its events, each with the moment, on our own monotonic clock,
 * that lies before everything the issuer did for this stream. Returns when the stream has ended, whoever ended it.
 *
 * @throws StreamRefused; NotUnderstood; another Error when it broke off.
 */
export async function followStream(
  issuer: Issuer,
  number: number,
  take: (event: FeedEvent, beganAtMs: number) => void,
  ending: AbortController,
): Promise<void> {
  const { revocation_stream_endpoint: url } = await issuer.metadata();
  // Before the request is sent: what the issuer's clock says of it was taken after this.
  const beganAtMs = performance.now();
  const response = await issuer.openStream(url, number > 0 ? { 'last-event-id': String(number) } : {}, ending);
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw new StreamRefused(response.status, askedPauseMs(response.headers));
  }
  await readAll(response.body, (event) => take(event, beganAtMs), ending);
}

async function readAll(
  body: ReadableStream<Uint8Array>,
  take: (event: FeedEvent) => void,
  ending: AbortController,
): Promise<void> {
  const decoder = new TextDecoder();
  const parser = createParser({
    maxBufferSize: MAX_EVENT_LENGTH,
    onEvent: (message) => understand(message, take),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') throw new NotUnderstood(error.message);
    },
  });
  const silence = setTimeout(() => ending.abort(new Error(`nothing was heard for ${SILENCE_MS} ms`)), SILENCE_MS);
  silence.unref();
  const reader = body.getReader();
  // Not left to `fetch`: Node's forgets the signal of a request that has been garbage-collected, whose body is still read.
  ending.signal.addEventListener('abort', () => void reader.cancel().catch(() => undefined));
  try {
    for (let chunk = await reader.read(); !chunk.done && !ending.signal.aborted; chunk = await reader.read()) {
      silence.refresh();
      parser.feed(decoder.decode(chunk.value, { stream: true }));
    }
  } finally {
    clearTimeout(silence);
  }
}

function understand(message: EventSourceMessage, take: (event: FeedEvent) => void): void {
  try {
    const event = readFeedEvent(message);
    if (event) take(event);
  } catch (cause) {
    throw new NotUnderstood((cause as Error).message, { cause });
  }
}

/** RFC 9110 §10.2.3, in seconds; a date is not looked at. */
function askedPauseMs(headers: Headers): number | null {
  const text = headers.get('retry-after');
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : null;
}
