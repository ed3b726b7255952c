import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../common/clock.js';

/** What one look at the database tells of it. */
export interface DatabaseState {
  /**
   * Milliseconds by which its clock is ahead of ours, or behind it when below zero. As much of it as the way there and back
   * cannot explain.
   */
  clockAheadMs: number;
  /** Changes of the schema that we need and that were never made there: another database than the one of our start. */
  missingMigrations: string[];
}

/**
 * Asks how the database is, in one statement, and one at a time, whose answer all get who ask meanwhile: anybody may ask,
 * and must not take the connections of others.
 */
@Injectable()
export class DatabaseProbe {
  private underWay: Promise<DatabaseState> | null = null;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** @throws the error of the database when it does not answer. */
  look(): Promise<DatabaseState> {
    this.underWay ??= this.ask().finally(() => (this.underWay = null));
    return this.underWay;
  }

  private async ask(): Promise<DatabaseState> {
    const before = this.clock.now();
    const [row] = await this.dataSource.query<[{ now: Date; made: string[] }]>(
      'SELECT clock_timestamp() AS now, ARRAY(SELECT name::text FROM migrations) AS made',
    );
    const needed = this.dataSource.migrations.map(({ name, constructor }) => name ?? constructor.name);
    return {
      clockAheadMs: distance(row.now, before, this.clock.now()),
      missingMigrations: needed.filter((name) => !row.made.includes(name)),
    };
  }
}

/** How far a moment lies outside of a span, in milliseconds. */
function distance(moment: Date, from: Date, to: Date): number {
  return Math.max(0, moment.getTime() - to.getTime()) - Math.max(0, from.getTime() - moment.getTime());
}
