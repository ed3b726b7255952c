import { Injectable } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import { EntityManager } from 'typeorm';
import { type NumberedRecord } from './feed-record.js';

/** Unexpired records in the order of their numbers, as of one moment after the call. */
export interface NumberedPage {
  records: NumberedRecord[];
  /** The last number that was given then. */
  counter: number;
  /** Whether no record follows that was asked for: there is none but these, up to the counter or to what was asked for. */
  isLast: boolean;
}

type Row = { counter: number } & (NumberedRecord | { number: null });

/** Above every number; a double, and so the parameter, holds it exactly. */
export const NO_END = Number.MAX_SAFE_INTEGER;

// One statement sees one moment: a record that it misses has a number above the counter that it reads. Each half stops by
// itself, or the whole table would be sorted for one page.
const PAGE = `
  SELECT revocation_counter.number::float8 AS counter, record.number::float8, level, target, cutoff::float8,
    record_expiry_seconds(expires_at)::float8 AS "expiresAtSeconds"
  FROM revocation_counter LEFT JOIN (
    (SELECT number, level, target::text, cutoff, expires_at FROM revocations
     WHERE number > $1 AND number <= $2 AND expires_at > now() ORDER BY number LIMIT $3)
    UNION ALL
    (SELECT forbidden_number, 'key', kid, NULL, forbidden_key_expiry(signing_keys) FROM signing_keys
     WHERE forbidden_number > $1 AND forbidden_number <= $2
       AND COALESCE(forbidden_key_expiry(signing_keys) > now(), true) ORDER BY forbidden_number LIMIT $3)
  ) AS record ON true
  ORDER BY record.number LIMIT $3`;

/** The record of revocations as those outside read it: by the numbers, which are the order of the commits. */
@Injectable()
export class NumberedRecordRepository {
  constructor(@InjectEntityManager() private readonly manager: EntityManager) {}

  /** Those with a number above `after` and not above `upTo`, at most `limit`. */
  async findAfter(after: number, upTo: number, limit: number): Promise<NumberedPage> {
    // One more than asked for tells whether that was all.
    const rows = await this.manager.query<Row[]>(PAGE, [after, upTo, limit + 1]);
    const records = rows.filter((row): row is Row & NumberedRecord => row.number !== null);
    return { records: records.slice(0, limit), counter: rows[0]!.counter, isLast: records.length <= limit };
  }

  /** The last number that was given. */
  async lastNumber(): Promise<number> {
    const [row] = await this.manager.query<{ number: number }[]>('SELECT number::float8 FROM revocation_counter');
    return row!.number;
  }
}
