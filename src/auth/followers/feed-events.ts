import { type RevocationRecord } from '@recant/revocation-set';
import { type NumberedRecord } from '../../tokens/revocation/feed-record.js';
import { type FeedRecordDto } from './dto/feed-record.dto.js';

// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), as docs/feed.md tells them.

/** The first one: on which clock of the instance the request arrived, and how often a proof is to be expected. */
export function openEvent(arrivedAtMs: number, heartbeatMs: number): string {
  // Rounded up, as a proof's time is rounded down: the difference must never make it younger.
  return `event: open\n${dataOf({ time_ms: Math.ceil(arrivedAtMs * 10) / 10, heartbeat_ms: heartbeatMs })}`;
}

export function recordEvent(record: NumberedRecord): string {
  return `id: ${record.number}\nevent: revocation\n${dataOf(wireOf(record))}`;
}

/** Everything that was committed before this moment, and everything up to this number, has been told. */
export function proofEvent(number: number, sentAtMs: number): string {
  return `id: ${number}\nevent: proof\n${dataOf({ time_ms: Math.floor(sentAtMs * 10) / 10 })}`;
}

/** A record as followers get it, in the list and in the stream. */
export function wireOf({ level, target, cutoff, expiresAtSeconds }: RevocationRecord): FeedRecordDto {
  return {
    level,
    ...(level !== 'all' && { id: target }),
    ...(cutoff !== null && { cutoff }),
    exp: expiresAtSeconds,
  };
}

function dataOf(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
