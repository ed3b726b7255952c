// Revocations of tokens that nobody has, put into the database before a service starts, which then loads them.
import { run } from './database.mjs';

/** As they come in life: most are ended sessions, then single tokens, then users. Of a hundred. */
const SESSIONS = 60;
const TOKENS = 38;

/** @param {string} url of a database with today's schema and no revocations @param {number} count */
export async function insertRevocations(url, count) {
  // Nobody listens yet, and a trigger for each row takes longer than the row.
  await run(
    url,
    `BEGIN;
     ALTER TABLE revocations DISABLE TRIGGER USER;
     INSERT INTO revocations (level, target, cutoff, reason, expires_at, number)
     SELECT level, gen_random_uuid(), CASE level WHEN 'user' THEN 1 END, 'logout', now() + interval '1 day', i
     FROM generate_series(1, ${count}) AS i, LATERAL (
       SELECT CASE WHEN i % 100 < ${SESSIONS} THEN 'session' WHEN i % 100 < ${SESSIONS + TOKENS} THEN 'token' ELSE 'user' END
     ) AS levels (level);
     ALTER TABLE revocations ENABLE TRIGGER USER;
     UPDATE revocation_counter SET number = number + ${count};
     COMMIT;`,
  );
  await run(url, 'VACUUM ANALYZE revocations');
}
