import { type TestDatabase } from './database.js';

/** As if so much time had passed for the signing keys, and for nothing else. */
export async function letKeysAge(database: TestDatabase, seconds: number): Promise<void> {
  // In one statement: the service looks at the keys meanwhile.
  await database.run(
    `UPDATE signing_keys SET
       created_at = created_at - make_interval(secs => $1),
       activates_at = activates_at - make_interval(secs => $1),
       retires_at = retires_at - make_interval(secs => $1)`,
    [seconds],
  );
}
