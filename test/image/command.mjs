import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const OUTPUT_BYTES_AT_MOST = 64 * 1024 * 1024;
const LINES_SHOWN = 30;

// Ctrl-C or a runner's SIGTERM fails whatever is under way, so that every `finally` still tidies up.
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interruption.abort(new Error(signal)));

/** Runs a command without standard input and returns what it printed; a failure carries the end of what it printed. */
export async function command(file, args, { env = {}, ...options } = {}) {
  try {
    const running = execute(file, args, {
      ...options,
      env: { ...process.env, ...env },
      signal: interruption.signal,
      maxBuffer: OUTPUT_BYTES_AT_MOST,
    });
    running.child.stdin?.end();
    return (await running).stdout.trim();
  } catch (error) {
    const printed = `${error.stdout ?? ''}\n${error.stderr ?? ''}`.trim().split('\n').slice(-LINES_SHOWN).join('\n');
    throw new Error(`${file} ${args[0] ?? ''} failed (${error.code}):\n${printed}`, { cause: error });
  }
}

/** Whether a program of that name is on the PATH. */
export async function isInstalled(program) {
  return command('sh', ['-c', 'command -v "$1"', 'sh', program]).then(
    () => true,
    () => false,
  );
}
