import { chown, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';

import type { PostgresBinaries } from './binaries.js';
import { CREDENTIALS_FILE, type Credentials } from './credentials.js';
import type { DataHome } from './data-home.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { hasCode, isPresent, syncFolder, writeDurably } from './files.js';
import type { ServerAccount } from './server-account.js';
import { lastLinesOf } from './server-log.js';
import { startProgram } from './server-program.js';

export const ADMINISTRATOR = 'administrator';
const DRAFT_PREFIX = 'postgres.new-';

/** Nothing is written before this has passed: another major version's files must stay as they are. */
export async function requireSameMajor({ clusterDir }: DataHome, { major, version }: PostgresBinaries): Promise<void> {
  const clusterMajor = (await readFile(join(clusterDir, 'PG_VERSION'), 'utf8')).trim();
  if (clusterMajor === String(major)) return;
  throw new EmbeddedPostgresError(
    `The database in ${clusterDir} was made by PostgreSQL ${clusterMajor} and this Recant brings PostgreSQL ${version}; move its data with pg_dump of that version, or choose another DATA_DIR.`,
  );
}

/**
 * Makes the cluster in a draft folder and renames it when it is whole, so a crash at any moment leaves either no
 * cluster or a good one. Of two that do this at the same time the first rename wins and both go on with its cluster.
 */
export async function createCluster(
  home: DataHome,
  binaries: PostgresBinaries,
  account: ServerAccount | null,
  credentials: Credentials,
): Promise<void> {
  await refuseForeignFolder(home.clusterDir);
  const draft = await mkdtemp(join(home.homeDir, DRAFT_PREFIX)); // mode 0700
  try {
    await fillDraft(draft, binaries, account, credentials);
    await rename(join(draft, 'cluster'), home.clusterDir);
    await syncFolder(home.homeDir);
  } catch (error) {
    // Another first start was faster: its cluster is there, and it may have swept our draft away under us.
    if (!(await isPresent(join(home.clusterDir, 'PG_VERSION')))) throw error;
  } finally {
    await removeDraft(draft);
  }
}

/** What crashed first starts left. Only for the owner of DATA_DIR: it knows that nobody needs a draft any more. */
export async function sweepDrafts(folder: string): Promise<void> {
  const drafts = (await readdir(folder)).filter(isDraft);
  await Promise.all(drafts.map((name) => removeDraft(join(folder, name))));
}

/** Its maker and the owner may remove a draft at the same time, while initdb still writes: then neither need succeed. */
async function removeDraft(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }).catch(() => undefined);
}

function isDraft(name: string): boolean {
  return name.startsWith(DRAFT_PREFIX) || name.startsWith(`${CREDENTIALS_FILE}.`);
}

async function refuseForeignFolder(clusterDir: string): Promise<void> {
  try {
    if ((await readdir(clusterDir)).length === 0) return;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  if (await isPresent(join(clusterDir, 'PG_VERSION'))) return;
  throw new EmbeddedPostgresError(
    `${clusterDir} holds files but no PostgreSQL database; move it away, or choose another DATA_DIR.`,
  );
}

async function fillDraft(
  draft: string,
  { initdb }: PostgresBinaries,
  account: ServerAccount | null,
  { administratorPassword }: Credentials,
): Promise<void> {
  // initdb takes a password by file only. This one is 0600 in a 0700 folder and goes with the draft.
  const passwordFile = join(draft, 'password');
  await writeDurably(passwordFile, administratorPassword);
  if (account) await Promise.all([draft, passwordFile].map((path) => chown(path, account.uid, account.gid)));
  const args = [`--pgdata=${join(draft, 'cluster')}`, `--username=${ADMINISTRATOR}`, `--pwfile=${passwordFile}`];
  const child = await startProgram(initdb, [...args, ...INITDB_SETTINGS], {
    account,
    stdio: ['ignore', 'pipe', 'pipe'],
    isDetached: false, // Ctrl-C during the first start ends it too
  });
  const [, output, errors] = await Promise.all([
    once(child, 'exit'),
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
  ]);
  if (child.exitCode === 0) return;
  throw new EmbeddedPostgresError(`PostgreSQL could not create its database: ${lastLinesOf(output + errors)}`);
}

// Page checksums and syncing to disk are initdb's defaults. The builtin C.UTF-8 sorts by code point, knows the case of
// every letter (plain C knows ASCII only, and usernames are unique without regard to case), and cannot change under an
// index when the system's C library does.
const INITDB_SETTINGS = [
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--auth=scram-sha-256',
  '--no-instructions',
];
