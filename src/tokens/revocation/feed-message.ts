import { type NumberedRecord } from './feed-record.js';

/** What an instance says to itself through the database. */
export interface Beat {
  /** Of one connection of one instance; others hear it and take no notice. */
  sender: string;
  /** Counted from 1. */
  beat: number;
  /** The last revocation that was committed when the database saw the beat. */
  number: number;
}

export type FeedMessage = { record: NumberedRecord } | { beat: Beat };

/** @throws when it is neither: what is not understood may have been a revocation. */
export function parseFeedMessage(text: string): FeedMessage {
  const { expires_at: expiresAtSeconds, ...rest } = JSON.parse(text) as Record<string, unknown>;
  if (Number.isSafeInteger(rest['number'])) {
    if (typeof rest['level'] === 'string')
      return { record: { ...rest, expiresAtSeconds } as unknown as NumberedRecord };
    if (typeof rest['sender'] === 'string') return { beat: rest as unknown as Beat };
  }
  throw new Error('neither a revocation nor a heartbeat');
}
