import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type Issuer } from '../issuer.js';
import { readBody } from '../read-body.js';
import { readFeedEvent } from './feed-event.js';
import { type FeedReader } from './feed-reader.js';
import { Silence } from './silence.js';
import { StreamClock } from './stream-clock.js';

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
 * Follows the issuer's stream from a number on, and has its events read by a reader that knows its clock. Returns when the
 * stream has ended, whoever ended it.
 *
 * @throws StreamRefused; NotUnderstood; another Error when it broke off.
 */
export async function followStream(
  issuer: Issuer,
  number: number,
  readBy: (clock: StreamClock) => FeedReader,
  ending: AbortController,
): Promise<void> {
  const { revocation_stream_endpoint: url } = await issuer.metadata();
  // Before the request is sent: what the issuer's clock says of it was taken after this.
  const clock = new StreamClock();
  const response = await issuer.openStream(url, number > 0 ? { 'last-event-id': String(number) } : {}, ending);
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw new StreamRefused(response.status, askedPauseMs(response.headers));
  }
  await readAll(response.body, readBy(clock), ending);
}

async function readAll(body: ReadableStream<Uint8Array>, reader: FeedReader, ending: AbortController): Promise<void> {
  const decoder = new TextDecoder();
  const parser = createParser({
    maxBufferSize: MAX_EVENT_LENGTH,
    onEvent: (message) => {
      // What is left of a piece, after an event for which the stream was ended, is not looked at.
      if (!ending.signal.aborted) understand(message, reader);
    },
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') throw new NotUnderstood(error.message);
    },
  });
  const silence = new Silence(() => ending.abort(new Error(`nothing was heard for ${SILENCE_MS} ms`)), SILENCE_MS);
  try {
    await readBody(body, ending.signal, (bytes) => {
      silence.break();
      parser.feed(decoder.decode(bytes, { stream: true }));
    });
  } finally {
    silence.stop();
  }
}

function understand(message: EventSourceMessage, reader: FeedReader): void {
  try {
    const event = readFeedEvent(message);
    if (event) reader.take(event);
  } catch (cause) {
    throw new NotUnderstood((cause as Error).message, { cause });
  }
}

/** RFC 9110 §10.2.3, in seconds; a date is not looked at. */
function askedPauseMs(headers: Headers): number | null {
  const text = headers.get('retry-after');
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : null;
}
