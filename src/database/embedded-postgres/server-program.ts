import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';

import { missingBinaryError } from './binaries.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { hasCode } from './files.js';
import type { ServerAccount } from './server-account.js';

export interface ProgramOptions {
  account: ServerAccount | null;
  stdio: StdioOptions;
  /** Its own session: Ctrl-C in the terminal then does not reach it. */
  isDetached: boolean;
}

// All that PostgreSQL sees of the environment. Ours holds secrets, and any superuser session, backend or extension
// could read them there. Node itself adds what Windows programs cannot live without (SYSTEMROOT and the like).
const CLEAN_ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

/** Resolves once the program runs; the rejections are sentences for the operator. */
export function startProgram(program: string, args: string[], options: ProgramOptions): Promise<ChildProcess> {
  const { account, stdio, isDetached } = options;
  const child = spawn(program, args, {
    env: CLEAN_ENVIRONMENT,
    cwd: '/', // our own working directory may be closed to the server's user
    stdio,
    detached: isDetached,
    windowsHide: true,
    ...(account && { uid: account.uid, gid: account.gid }),
  });
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child));
    child.once('error', (error) => reject(explain(error, program, account)));
  });
}

function explain(error: Error, program: string, account: ServerAccount | null): Error {
  // The file is there (it was found through its package), so what is missing is the loader it names: no glibc.
  if (hasCode(error, 'ENOENT')) return missingBinaryError(' without glibc (musl)');
  if (account === null || !hasCode(error, 'EPERM', 'EINVAL', 'EACCES')) return error;
  return new EmbeddedPostgresError(
    `PostgreSQL does not run as root, and root may not start ${program} as the user ${account.name} here (${error.message}); start Recant as an ordinary user, or set DATABASE_URL.`,
    { cause: error },
  );
}
