import type { ChildProcess } from 'node:child_process';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { PostgresBinaries } from './binaries.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { hasCode } from './files.js';
import { pollUntil } from './polling.js';
import { findPostmaster, putStaleFileAside, type Postmaster } from './postmaster-file.js';
import { hasEnded, isPostmasterOf } from './process-identity.js';
import type { ServerAccount } from './server-account.js';
import { ServerLog } from './server-log.js';
import { startProgram } from './server-program.js';
import { findFreePort, serverArguments } from './server-settings.js';

/** Everything needed to run the server of one cluster. */
export interface ServerSite {
  clusterDir: string;
  logFile: string;
  binaries: PostgresBinaries;
  account: ServerAccount | null;
}

export const START_TIMEOUT_MS = 60_000; // recovery after a power cut may replay a gigabyte of log
const FAST_STOP_TIMEOUT_MS = 10_000;
const IMMEDIATE_STOP_TIMEOUT_MS = 5_000;

// Ends of a start that the next try can get past: the port was taken meanwhile, another start was first, or the last
// processes of a killed server are still leaving. Stable texts, because the server speaks under LC_ALL=C.
const TRY_AGAIN =
  /Address already in use|could not bind|lock file "postmaster\.pid" (already exists|is empty)|pre-existing shared memory/;

/** Undefined when it is worth trying again. A server that ends early is reported at once, with its last lines. */
export async function launchServer(site: ServerSite): Promise<Postmaster | undefined> {
  await putStaleFileAside(site.clusterDir);
  const log = await ServerLog.open(site.logFile);
  try {
    const args = serverArguments(site.clusterDir, await findFreePort());
    const child = await startProgram(site.binaries.postgres, args, {
      account: site.account,
      stdio: ['ignore', log.file.fd, log.file.fd],
      isDetached: true,
    });
    child.unref(); // it may outlive us, and must not keep us from ending
    return await awaitReady(child, site.clusterDir, log);
  } finally {
    await log.close();
  }
}

async function awaitReady(child: ChildProcess, clusterDir: string, log: ServerLog): Promise<Postmaster | undefined> {
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const outcome = await pollUntil(
    async () => {
      if (isOver()) return 'ended' as const;
      const found = await findPostmaster(clusterDir);
      return found?.pid === child.pid && found?.isReady ? found : undefined;
    },
    { everyMs: 5, timeoutMs: START_TIMEOUT_MS },
  );
  if (outcome !== 'ended') return outcome;
  const lines = await log.lastLines();
  if (TRY_AGAIN.test(lines)) return undefined;
  throw new EmbeddedPostgresError(
    `PostgreSQL ended while it started (${child.signalCode ?? `exit code ${child.exitCode}`}): ${lines}`,
  );
}

/** Returns when the process is gone. Fast: sessions are ended, everything is written; then, if that hangs, immediate. */
export async function endServer(pid: number, { clusterDir, binaries }: ServerSite): Promise<void> {
  if (!(await isPostmasterOf(pid, clusterDir))) return;
  const isGone = async () => (await hasEnded(pid)) || undefined;
  await signal('fast');
  if (await pollUntil(isGone, { everyMs: 5, timeoutMs: FAST_STOP_TIMEOUT_MS })) return;
  // Loses nothing committed: the next start replays the log, as after a power cut.
  await signal('immediate');
  if (await pollUntil(isGone, { everyMs: 5, timeoutMs: IMMEDIATE_STOP_TIMEOUT_MS })) return;
  throw new EmbeddedPostgresError(`PostgreSQL (process ${pid}) in ${clusterDir} did not end when told to.`);

  async function signal(mode: 'fast' | 'immediate'): Promise<void> {
    if (!(await isPostmasterOf(pid, clusterDir))) return; // the number may be another process's by now
    if (process.platform === 'win32') return stopByControl(binaries.pgCtl, clusterDir, mode);
    try {
      process.kill(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    } catch (error) {
      if (!hasCode(error, 'ESRCH')) throw error;
    }
  }
}

/** Windows has no signals; process.kill would end the server without any shutdown. */
async function stopByControl(pgCtl: string, clusterDir: string, mode: string): Promise<void> {
  await promisify(execFile)(pgCtl, ['stop', '-D', clusterDir, '-m', mode, '-t', '10']).catch(() => undefined);
}
