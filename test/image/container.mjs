import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

// What compose.yaml asks of an engine: a root that cannot be written, a /tmp and a /run that can, secrets as files.
const ENTER = `
set -e
root=$1 secrets=$2 user=$3 folder=$4
shift 4
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/run"
mkdir "$root/run/secrets"
mount -o bind,ro "$secrets" "$root/run/secrets"
exec setpriv --no-new-privs chroot --userspec="$user" --groups= "$root" \\
  env --ignore-environment --chdir="$folder" "$@"
`;

/**
 * An image laid out in a folder, run the way an engine runs it: its command is process 1 of its own namespace, as the
 * image's user, with the image's environment and no other. Only the network is the machine's.
 */
export class Container {
  constructor({ root, config, secrets }) {
    this.root = root;
    this.config = config;
    this.secrets = secrets;
  }

  /** Starts the image's own command, or another one in the same surroundings, with an input to read. */
  start(variables, { command = [...(this.config.Entrypoint ?? []), ...this.config.Cmd], input = '' } = {}) {
    const { User: user, WorkingDir: folder, Env: environment } = this.config;
    const given = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const place = [this.root, this.secrets, user, folder];
    const namespaces = ['--mount', '--pid', '--fork'];
    const args = [...namespaces, 'sh', '-c', ENTER, 'sh', ...place, ...environment, ...given, ...command];
    const outer = spawn('unshare', args);
    outer.stdin.end(input);
    return new Running(outer);
  }
}

class Running {
  printed = '';

  constructor(outer) {
    this.outer = outer;
    for (const stream of [outer.stdout, outer.stderr]) stream.on('data', (text) => (this.printed += text));
    this.exited = once(outer, 'close').then(([code, signal]) => code ?? signal);
  }

  /** The exit code, or the signal that ended it. Kills what has not ended in time. */
  async exitCode(withinMs) {
    const waiting = new AbortController();
    const late = pause(withinMs, 'late', { signal: waiting.signal }).catch(() => {});
    const code = await Promise.race([this.exited, late]);
    waiting.abort();
    if (code !== 'late') return code;
    await this.kill();
    throw new Error(`it had not ended after ${withinMs / 1000} s and had printed:\n${this.printed}`);
  }

  get hasEnded() {
    return this.outer.exitCode !== null || this.outer.signalCode !== null;
  }

  /** Process 1 of the container, by its number outside of it. */
  get processId() {
    const { pid } = this.outer;
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
  }

  /** What the kernel says of process 1, such as `Uid` or `NoNewPrivs`. */
  status(field) {
    const status = readFileSync(`/proc/${this.processId}/status`, 'utf8');
    return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(status)?.[1];
  }

  stop() {
    process.kill(this.processId, 'SIGTERM');
  }

  /** Ends it at once; with its process 1 the kernel ends all of a namespace. */
  async kill() {
    if (!this.hasEnded && this.processId) process.kill(this.processId, 'SIGKILL');
    await this.exited;
  }
}
