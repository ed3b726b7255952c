import { Injectable } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import { EntityManager } from 'typeorm';

type Updated = [{ held_until: string }[], number];

/**
 * What is done once per cluster. Whoever moves `due_at` into the future does it, and has it to itself until then; if it
 * dies, the time passes and another does it. What `due_at` was set to is the proof of holding it, in PostgreSQL's own
 * words: a `Date` would lose its microseconds.
 */
@Injectable()
export class ChoreRepository {
  constructor(@InjectEntityManager() private readonly manager: EntityManager) {}

  /** Until when the caller holds it; null when it is not due, or another was faster. */
  async claim(name: string, seconds: number): Promise<string | null> {
    const [rows] = await this.manager.query<Updated>(
      `UPDATE chores SET due_at = clock_timestamp() + make_interval(secs => $2)
       WHERE name = $1 AND due_at <= clock_timestamp()
       RETURNING due_at::text AS held_until`,
      [name, seconds],
    );
    return rows[0]?.held_until ?? null;
  }

  /** Holds it for so long from now, or lets go of it and makes it due then; null when the caller no longer held it. */
  async renew(name: string, heldUntil: string, seconds: number, tx?: EntityManager): Promise<string | null> {
    const [rows] = await (tx ?? this.manager).query<Updated>(
      `UPDATE chores SET due_at = clock_timestamp() + make_interval(secs => $3)
       WHERE name = $1 AND due_at = $2::timestamptz
       RETURNING due_at::text AS held_until`,
      [name, heldUntil, seconds],
    );
    return rows[0]?.held_until ?? null;
  }
}
