import { type RevocationRecord } from '@recant/revocation-set';
import { type EventSourceMessage } from 'eventsource-parser';

/** What the issuer's stream says. Moments are on the clock of the instance that serves it. */
export type FeedEvent =
  /** The first: when the request had arrived, and how often a proof is to be expected. */
  | { type: 'open'; timeMs: number; heartbeatMs: number }
  | { type: 'revocation'; number: number; record: RevocationRecord }
  /** Everything that was committed before this moment has been told. */
  | { type: 'proof'; number: number; timeMs: number };

const LEVELS = new Set(['token', 'session', 'user', 'all', 'key']);

/**
 * Reads an event; null for one that has nothing to say to a verifier.
 *
 * @throws Error for one that is not understood: it may have been a revocation.
 */
export function readFeedEvent({ event, id, data }: EventSourceMessage): FeedEvent | null {
  if (event !== 'open' && event !== 'revocation' && event !== 'proof') return null;
  const value = JSON.parse(data) as Record<string, unknown>;
  if (event === 'open') {
    return { type: 'open', timeMs: moment(value['time_ms']), heartbeatMs: moment(value['heartbeat_ms']) };
  }
  const number = wholeNumber(Number(id));
  if (event === 'proof') return { type: 'proof', number, timeMs: moment(value['time_ms']) };
  return { type: 'revocation', number, record: recordOf(value) };
}

function recordOf({ level, id, cutoff, exp }: Record<string, unknown>): RevocationRecord {
  if (!LEVELS.has(level as string)) throw new Error(`a revocation of unknown level ${String(level)}`);
  if (level !== 'all' && typeof id !== 'string') throw new Error('a revocation without an id');
  return {
    level: level as RevocationRecord['level'],
    target: (id as string | undefined) ?? '',
    cutoff: cutoff === undefined ? null : wholeNumber(cutoff),
    expiresAtSeconds: wholeNumber(exp),
  };
}

function moment(value: unknown): number {
  if (!Number.isFinite(value)) throw new Error('a moment that is none');
  return value as number;
}

function wholeNumber(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Error('a number that is none');
  return value as number;
}
