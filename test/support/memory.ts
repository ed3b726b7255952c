import { expect } from 'vitest';
import { RevocationFeed } from '../../src/tokens/revocation/revocation-feed.service.js';
import { type TestDatabase } from './database.js';
import { DatabaseFaults } from './database-faults.js';
import { nextProof } from './feed.js';
import { type TestService } from './service.js';
import { runOn } from './sql.js';

type Service = Pick<TestService, 'app' | 'database'>;

/** Returns when the service's memory has everything that was committed before this call, whoever committed it. */
export async function caughtUp({ app }: Service): Promise<void> {
  await nextProof(app.get(RevocationFeed));
}

/** What nobody told this instance: another one has recorded it, or an operator. */
export async function recordElsewhere(
  { url }: Pick<TestDatabase, 'url'>,
  level: string,
  target: string,
  cutoff: number | null = null,
): Promise<void> {
  await runOn(
    url,
    `INSERT INTO revocations (level, target, cutoff, reason, expires_at)
     VALUES ($1, $2, $3, 'elsewhere', now() + interval '1 hour')`,
    [level, target, cutoff],
  );
}

/** Returns when the service answers from memory. */
export async function inSync({ app }: Pick<TestService, 'app'>): Promise<void> {
  await expect.poll(() => app.get(RevocationFeed).isInSync(), { interval: 5, timeout: 10_000 }).toBe(true);
}

/** Returns when the service has noticed that it hears nothing any more; until then it rightly answers from memory. */
export async function outOfSync({ app }: Pick<TestService, 'app'>): Promise<void> {
  await expect.poll(() => app.get(RevocationFeed).isInSync(), { interval: 5, timeout: 10_000 }).toBe(false);
}

/** Has the service forget what is no longer on record: memory is told of what is revoked, and never that it is not. */
export async function readAnew({ app, database }: Service): Promise<void> {
  const feed = app.get(RevocationFeed);
  // While it is in sync no reading is under way, so the next one began after this call.
  await inSync({ app });
  const replaced = new Promise((resolve) => feed.events.once('replaced', resolve));
  await new DatabaseFaults(database).cutFeed();
  await replaced;
  await inSync({ app });
}
