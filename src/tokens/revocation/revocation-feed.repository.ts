import { Injectable } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import { EntityManager } from 'typeorm';
import { type RevocationRecord } from '@recant/revocation-set';
import { type ListeningConnection } from '../../database/listening-connection.js';
import { type Beat } from './feed-message.js';

/** As the triggers have it: see src/database/migrations/1700000200000-revocation-feed.ts. */
export const REVOCATIONS_CHANNEL = 'recant_revocations';

/** Records in one answer: a few milliseconds of work, between which requests are served. */
const PAGE_SIZE = 2_000;

type Word = Omit<Beat, 'number'>;

/** All that was there at one moment: up to which number, and when, by the database's clock. */
interface Reading {
  number: number;
  databaseSeconds: number;
}

type Row = [RevocationRecord['level'], string, number | null, number];

// `float8` is exact for whole numbers up to 2^53, and `pg` reads it as a number.
const UNEXPIRED = `
  SELECT level, target::text, cutoff::float8, record_expiry_seconds(expires_at)::float8
  FROM revocations WHERE expires_at > now()
  UNION ALL
  SELECT 'key', kid, NULL, record_expiry_seconds(forbidden_key_expiry(signing_keys))::float8
  FROM signing_keys WHERE forbidden_at IS NOT NULL`;

const BEAT = `
  SELECT pg_notify($1, json_build_object('sender', $2::text, 'beat', $3::int, 'number', number)::text)
  FROM revocation_counter`;

/** The record of revocations as the feed reads it, on the connection that listens: never behind those of the pool. */
@Injectable()
export class RevocationFeedRepository {
  constructor(@InjectEntityManager() private readonly manager: EntityManager) {}

  /**
   * Hands out all that has not expired, page by page, and answers the number up to which that is everything: all of it
   * as of one moment, after the call. On the connection nothing is heard meanwhile; it comes when this is done.
   */
  async readAll(connection: ListeningConnection, take: (page: RevocationRecord[]) => void): Promise<Reading> {
    await connection.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const [counter] = await connection.query<[number, number]>(
      `SELECT number::float8, date_part('epoch', now()) FROM revocation_counter`,
    );
    const [number, databaseSeconds] = counter!;
    // All of it is wanted, so no plan that has the first rows soonest.
    await connection.query('SET LOCAL cursor_tuple_fraction = 1');
    await connection.query(`DECLARE unexpired NO SCROLL CURSOR FOR ${UNEXPIRED}`);
    let isMore = true;
    for (let fetching = fetchPage(connection); isMore;) {
      const page = await fetching;
      isMore = page.length === PAGE_SIZE;
      // The database works on the next page while this one is taken in.
      if (isMore) fetching = fetchPage(connection);
      take(page.map(toRecord));
    }
    await connection.query('COMMIT');
    return { number, databaseSeconds };
  }

  /**
   * Says something that this connection hears after everything that was committed before: PostgreSQL delivers
   * notifications in the order of the commits.
   */
  async sendBeat(connection: ListeningConnection, { sender, beat }: Word): Promise<void> {
    await connection.query(BEAT, [REVOCATIONS_CHANNEL, sender, beat]);
  }

  /** Says it in the database to which the revocations go; committed when this returns. */
  async sendBeatByPool({ sender, beat }: Word): Promise<void> {
    await this.manager.query(BEAT, [REVOCATIONS_CHANNEL, sender, beat]);
  }
}

function fetchPage(connection: ListeningConnection): Promise<Row[]> {
  const page = connection.query<Row>(`FETCH ${PAGE_SIZE} FROM unexpired`);
  // A fault is told to who awaits it; nobody does when the page before could not be taken in.
  page.catch(() => undefined);
  return page;
}

function toRecord([level, target, cutoff, expiresAtSeconds]: Row): RevocationRecord {
  return { level, target, cutoff, expiresAtSeconds };
}
