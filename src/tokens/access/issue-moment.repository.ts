import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { type IssueMoment } from '../issue-moment.js';

@Injectable()
export class IssueMomentRepository {
  /**
   * The next place in the order of everything issued, for a token that belongs to no session. The caller holds the lock
   * of the row that it is issued to, so the number comes after every cutoff that it has seen.
   */
  async next(tx: EntityManager): Promise<IssueMoment> {
    const [moment] = await tx.query<[IssueMoment]>(
      `SELECT nextval('issue_numbers') AS "issueNumber", clock_timestamp() AS now`,
    );
    return moment;
  }
}
