import { Injectable } from '@nestjs/common';
import { AuthError } from '../../common/errors/auth-error.js';
import { type NumberedRecord } from '../../tokens/revocation/feed-record.js';
import { NO_END, NumberedRecordRepository } from '../../tokens/revocation/numbered-record.repository.js';
import { type FeedCursor } from './feed-cursor.js';

export interface RevocationListPage {
  /** All pages together have everything up to this number. */
  number: number;
  records: NumberedRecord[];
  next: FeedCursor | null;
}

/** Everything unexpired, page by page, as of the first page: what changes meanwhile gets a higher number. */
@Injectable()
export class RevocationListService {
  constructor(private readonly records: NumberedRecordRepository) {}

  /** The number up to which a page would go now, which with the cursor says what is on it. @throws AuthError likewise. */
  async numberOf(cursor: FeedCursor | null): Promise<number> {
    return numberOf(cursor, await this.records.lastNumber());
  }

  /** @throws AuthError `feed_number_unknown`. */
  async read(cursor: FeedCursor | null, limit: number): Promise<RevocationListPage> {
    const { records, counter, isLast } = await this.records.findAfter(
      cursor?.after ?? 0,
      cursor?.upTo ?? NO_END,
      limit,
    );
    const number = numberOf(cursor, counter);
    return { number, records, next: isLast ? null : { upTo: number, after: records.at(-1)!.number } };
  }
}

function numberOf(cursor: FeedCursor | null, counter: number): number {
  if (cursor && cursor.upTo > counter) throw new AuthError('feed_number_unknown');
  return cursor?.upTo ?? counter;
}
