import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { BY_COMMAND } from './audit/origin.js';
import { AuthError } from './common/errors/auth-error.js';
import { type Environment } from './config/environment.js';
import { readEnvironment } from './config/read-environment.js';
import { endWith, UsageError } from './end-with.js';
import { LEAD_SECONDS } from './tokens/keys/key-lead.js';
import { KeyRing } from './tokens/keys/key-ring.service.js';
import { KeyRotation } from './tokens/keys/key-rotation.service.js';
import { keyFromPem, PemError } from './tokens/keys/pem-key.js';
import { type SigningKey } from './tokens/keys/signing-key.js';
import { withApplication } from './with-application.js';

const USAGE = 'Usage: npm run key:import -- --file PRIVATE.pem   (- reads standard input)';

/** Brings a private key that was made elsewhere into the ring, where it is the next one to sign. */
async function importKey(): Promise<void> {
  const environment = readEnvironment();
  const key = readKey(environment);
  const isCurrent = await withApplication(environment, async (app) => {
    await requireSameSecret(app.get(KeyRing));
    await app.get(KeyRotation).bringIn(key, BY_COMMAND);
    const { ring } = await app.get(KeyRing).load();
    return ring.some(({ kid, status }) => kid === key.kid && status === 'current');
  });
  console.log(
    `The key ${key.kid} is published, and signs ${isCurrent ? 'from now on' : `in ${LEAD_SECONDS / 60} minutes`}.`,
  );
}

/** Under another secret than the service's, it would be stored where the service cannot read it. */
async function requireSameSecret(keys: KeyRing): Promise<void> {
  const { unreadable } = await keys.load();
  if (unreadable.length > 0 || keys.isOutdated) {
    throw new UsageError(
      'ENCRYPTION_SECRET is not the one under which the signing keys of this database are encrypted; nothing was changed.',
    );
  }
}

function readKey({ jwtAlgorithm }: Environment): SigningKey {
  const key = keyFromPem(readText());
  if (key.algorithm === jwtAlgorithm) return key;
  throw new UsageError(`The key is for ${key.algorithm}, and JWT_ALGORITHM is ${jwtAlgorithm}; nothing was changed.`);
}

function readText(): string {
  const file = fileArgument();
  try {
    // Standard input is file descriptor 0.
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UsageError(`The key cannot be read: ${(error as Error).message}`);
  }
}

function fileArgument(): string {
  const { values, positionals } = parseArgs({ options: { file: { type: 'string' } }, strict: false });
  if (typeof values['file'] !== 'string' || positionals.length > 0) throw new UsageError(USAGE);
  return values['file'];
}

function explain(error: unknown): never {
  if (error instanceof PemError) return endWith(new UsageError(error.message));
  if (error instanceof AuthError)
    return endWith(new UsageError('The key is in the ring already; nothing was changed.'));
  return endWith(error);
}

importKey().catch(explain);
