import { createPublicKey } from 'node:crypto';
import { run } from '../support/database.mjs';
import { expectJson } from '../support/http-client.mjs';

/**
 * Starts the usual guard for the tokens of a service, with a blocklist of so many others in the same database.
 *
 * @param {import('../support/stage.mjs').Stage} stage
 * @param {string} issuerUrl where that service is
 * @param {number} blocked
 */
export async function startUsualGuard(stage, issuerUrl, blocked) {
  const { databaseUrl, variables } = stage;
  await run(
    databaseUrl,
    'CREATE TABLE blocklist (jti uuid PRIMARY KEY, revoked_at timestamptz NOT NULL DEFAULT now())',
  );
  await run(databaseUrl, 'INSERT INTO blocklist SELECT gen_random_uuid() FROM generate_series(1, $1)', [blocked]);
  await run(databaseUrl, 'VACUUM ANALYZE blocklist');
  const { keys } = await expectJson(200, `${issuerUrl}/.well-known/jwks.json`);
  const [{ alg: algorithm }] = keys;
  const publicKey = createPublicKey({ key: keys[0], format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const options = { databaseUrl, publicKey, algorithm, issuer: variables.ISSUER, audience: 'recant' };
  return stage.startPeer('peers/usual-guard/main.mjs', options);
}
