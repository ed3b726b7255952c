// Users with one password, whose logins are as slow as any.
import { run } from '../support/database.mjs';
import { expectJson } from '../support/http-client.mjs';

export const PASSWORD = 'correct horse battery staple';

/**
 * Registers one user, and copies it: the hash is the service's own, and not made thousands of times.
 *
 * @param {string} url of a service @param {string} databaseUrl its database @param {number} count
 * @returns {Promise<{ usernames: string[], hash: string }>}
 */
export async function makeAccounts(url, databaseUrl, count) {
  await expectJson(201, `${url}/registration`, { method: 'POST', json: { username: 'original', password: PASSWORD } });
  const [{ password_hash: hash }] = await run(databaseUrl, 'SELECT password_hash FROM users');
  const rows = await run(
    databaseUrl,
    `INSERT INTO users (id, username, password_hash)
     SELECT gen_random_uuid(), 'user-' || i, $1 FROM generate_series(1, $2::int) AS i RETURNING username`,
    [hash, count],
  );
  await run(databaseUrl, 'VACUUM ANALYZE users');
  return { usernames: rows.map(({ username }) => username), hash };
}

/** @returns {Promise<{ access_token: string, refresh_token: string }>} */
export function logIn(url, username) {
  return expectJson(200, `${url}/login`, { method: 'POST', json: { username, password: PASSWORD } });
}
