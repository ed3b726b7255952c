import { readFile, stat } from 'node:fs/promises';

import { EmbeddedPostgresError } from './embedded-postgres.error.js';

/** The unprivileged user that runs the server when we are root, because PostgreSQL refuses to run as root. */
export interface ServerAccount {
  name: string;
  uid: number;
  gid: number;
}

// `nobody` is shared with whatever else runs as nobody on the machine; it is the last resort of images without a
// `postgres` user.
const CANDIDATES = ['postgres', 'nobody'];

/**
 * Null when no switch is needed: an ordinary user runs the server as himself. An existing cluster is always served by
 * the user it belongs to, so that installing a `postgres` user later, or one start with sudo, does not lock it.
 */
export async function chooseServerAccount(existingClusterDir: string | null): Promise<ServerAccount | null> {
  if (process.getuid?.() !== 0) return null;
  const accounts = parsePasswd(await readFile('/etc/passwd', 'utf8'));
  if (existingClusterDir !== null) {
    const { uid, gid } = await stat(existingClusterDir);
    if (uid !== 0) return { name: accounts.find((account) => account.uid === uid)?.name ?? `uid ${uid}`, uid, gid };
  }
  const chosen = CANDIDATES.map((name) => accounts.find((account) => account.name === name && account.uid !== 0));
  const account = chosen.find((candidate) => candidate !== undefined);
  if (account) return account;
  throw new EmbeddedPostgresError(
    'PostgreSQL does not run as root and there is no user "postgres" or "nobody" to run it as; start Recant as an ordinary user, or set DATABASE_URL.',
  );
}

function parsePasswd(text: string): ServerAccount[] {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 7)
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid, gid }) => Number.isInteger(uid) && Number.isInteger(gid));
}
