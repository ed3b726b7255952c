// A process id outlives its process: after a crash, and above all in a container, the number in postmaster.pid often
// belongs to something else. So a server is known by its command line, which names its data directory.
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';

import { hasCode } from './files.js';

const run = promisify(execFile);

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM'); // alive, and somebody else's
  }
}

/** Whether the process is a server on this very folder. A zombie is none: its command line is empty. */
export async function isPostmasterOf(pid: number, clusterDir: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform === 'linux') return isPostmasterByProc(pid, clusterDir);
  // Windows tells no command line cheaply; there the login and the data_directory behind the port have to prove it.
  if (process.platform === 'win32') return true;
  const { stdout } = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.includes('postgres') && stdout.includes(`-D ${clusterDir} `);
}

/** Whether the process is really over: it may hold its files for a moment after its command line is gone. */
export async function hasEnded(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return true;
  if (process.platform !== 'linux') return false;
  // A zombie is over too: under a container's first process, which may collect nobody, it would stay for ever.
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') X');
  return /^[ZX]/.test(status.slice(status.lastIndexOf(')') + 2));
}

export async function isSameFolder(one: string, other: string): Promise<boolean> {
  try {
    const [a, b] = await Promise.all([stat(one, { bigint: true }), stat(other, { bigint: true })]);
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}

async function isPostmasterByProc(pid: number, clusterDir: string): Promise<boolean> {
  // cmdline and not cwd or exe: those two need CAP_SYS_PTRACE for another user's process, which root in a container
  // does not have.
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const [program = '', ...args] = commandLine.split('\0');
  const flag = args.indexOf('-D');
  const folder = flag < 0 ? undefined : args[flag + 1];
  return basename(program) === 'postgres' && folder !== undefined && isSameFolder(folder, clusterDir);
}
