import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { createFileOnce, readTextIfPresent } from './files.js';

export interface Credentials {
  /** Names the cluster's folder where it cannot lie in DATA_DIR. */
  clusterId: string;
  administratorPassword: string;
  recantPassword: string;
}

export const CREDENTIALS_FILE = 'postgres-credentials.json';

export async function findCredentials(dataDir: string): Promise<Credentials | null> {
  const path = join(dataDir, CREDENTIALS_FILE);
  const text = await readTextIfPresent(path);
  if (text === null) return null;
  const credentials = parseCredentials(text);
  if (credentials) return credentials;
  throw new EmbeddedPostgresError(`${path} is damaged; restore it from a backup.`);
}

/** Stored before the first use: a crash right after initdb must not leave a database nobody can log in to. */
export async function findOrCreateCredentials(dataDir: string, existingCluster: string | null): Promise<Credentials> {
  const found = await findCredentials(dataDir);
  if (found) return found;
  const path = join(dataDir, CREDENTIALS_FILE);
  if (existingCluster !== null) {
    throw new EmbeddedPostgresError(
      `The passwords of the database in ${existingCluster} are gone; restore ${path} from a backup.`,
    );
  }
  const fresh: Credentials = {
    clusterId: randomBytes(8).toString('hex'),
    administratorPassword: randomBytes(32).toString('base64url'),
    recantPassword: randomBytes(32).toString('base64url'),
  };
  await createFileOnce(path, `${JSON.stringify(fresh, null, 2)}\n`);
  // Read back: of two first starts at the same moment, the other one may have been first.
  return (await findCredentials(dataDir)) ?? fresh;
}

function parseCredentials(text: string): Credentials | null {
  try {
    const { clusterId, administratorPassword, recantPassword }: Partial<Credentials> = JSON.parse(text);
    if (!clusterId || !administratorPassword || !recantPassword) return null;
    return { clusterId, administratorPassword, recantPassword };
  } catch {
    return null;
  }
}
