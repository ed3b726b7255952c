import { KeyWatch } from '../../src/tokens/keys/key-watch.js';
import { caughtUp, readAnew } from './memory.js';
import { type TestService } from './service.js';
import { headerOf } from './tokens.js';

type Service = Pick<TestService, 'app' | 'database'>;

/** Forbids the key of a token elsewhere, without a next one that takes over; the service has heard of it then. */
export async function forbidKeyOf(token: string, service: Service): Promise<void> {
  await service.database.run('UPDATE signing_keys SET forbidden_at = now() WHERE kid = $1', [headerOf(token)['kid']]);
  await caughtUp(service);
}

/** As if no key had been forbidden: in the database, in the ring and in the memory of the service. */
export async function allowEveryKey(service: Service): Promise<void> {
  const allowed = await service.database.run(`UPDATE signing_keys SET forbidden_at = NULL, forbidden_number = NULL
    WHERE forbidden_at IS NOT NULL RETURNING kid`);
  if (allowed.length === 0) return;
  await service.app.get(KeyWatch).look();
  await readAnew(service);
}
