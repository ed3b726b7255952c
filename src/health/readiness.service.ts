import { Injectable, Logger } from '@nestjs/common';
import { type HealthIndicatorFunction, HealthIndicatorService } from '@nestjs/terminus';
import { DatabaseProbe, type DatabaseState } from '../database/database-probe.js';
import { KeyRing } from '../tokens/keys/key-ring.service.js';
import { RevocationFeed } from '../tokens/revocation/revocation-feed.service.js';

/** Further off, and tokens begin and end at other moments here than at the instance that issued them. */
const MAX_CLOCK_DIFFERENCE_MS = 2_000;

/** Of what depends on an answer that did not come. */
const UNKNOWN = 'not known, since the database gives no answer';

/** What an instance needs to serve, each told apart. What the database itself said stays out of the answer: anyone may ask. */
@Injectable()
export class Readiness {
  private readonly logger = new Logger('Readiness');

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly database: DatabaseProbe,
    private readonly keys: KeyRing,
    private readonly feed: RevocationFeed,
  ) {}

  checks(): HealthIndicatorFunction[] {
    const look = this.database.look().catch((error: Error) => this.withoutAnswer(error));
    return [
      async () => this.ofDatabase(await look),
      async () => this.ofMigrations(await look),
      async () => this.ofClock(await look),
      () => this.ofKeys(),
      () => this.ofFeed(),
    ];
  }

  private withoutAnswer({ message }: Error): null {
    this.logger.warn(`The database was asked in vain: ${message}`);
    return null;
  }

  private ofDatabase(state: DatabaseState | null) {
    const database = this.indicators.check('database');
    return state === null ? database.down('gives no answer, or not the one that is asked for') : database.up();
  }

  private ofMigrations(state: DatabaseState | null) {
    const migrations = this.indicators.check('migrations');
    if (state === null) return migrations.down(UNKNOWN);
    const { missingMigrations } = state;
    return missingMigrations.length === 0
      ? migrations.up()
      : migrations.down(`not made in this database: ${missingMigrations.join(', ')}`);
  }

  private ofClock(state: DatabaseState | null) {
    const clock = this.indicators.check('clock');
    if (state === null) return clock.down(UNKNOWN);
    const { clockAheadMs } = state;
    return Math.abs(clockAheadMs) <= MAX_CLOCK_DIFFERENCE_MS
      ? clock.up()
      : clock.down(
          `the database's is ${clockAheadMs} ms ahead of this instance's; ${MAX_CLOCK_DIFFERENCE_MS} are allowed`,
        );
  }

  private ofKeys() {
    const keys = this.indicators.check('keys');
    try {
      for (const purpose of ['access', 'refresh'] as const) this.keys.currentFor(purpose);
      return keys.up();
    } catch {
      return keys.down('there is none to sign with that can be read');
    }
  }

  /** Out of sync, each check asks the database: slower, and no reason to send requests elsewhere. */
  private ofFeed() {
    const feed = this.indicators.check('feed');
    const [inSync, ageMs] = [this.feed.isInSync(), this.feed.ageMs()];
    const data = { in_sync: inSync, age_ms: Math.round(ageMs) };
    return inSync ? feed.up(data) : feed.degraded(data);
  }
}
