import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { knownSecrets } from './secrets.js';

const SERVICE = 'dist/main.js';

/** The greeting has a request to copy, whose password is nobody's; the tests use it too. */
const IS_EXAMPLE = /^ +-d '\{"username":"alice"/;

/** The built service in a process of its own, as an operator runs it. */
export class ServiceProcess {
  readonly lines: string[] = [];
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown[]>;

  constructor(variables: Record<string, string>, script = SERVICE, args: string[] = [], input?: string) {
    this.child = spawn(process.execPath, [script, ...args], {
      // Nothing of the tests' own environment: what a variable means is what is tested.
      env: { PATH: process.env['PATH'], ...variables },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.exited = once(this.child, 'exit');
    // A test that fails half-way leaves nothing running.
    const kill = (): void => void this.child.kill('SIGKILL');
    process.once('exit', kill);
    void this.exited.then(() => process.off('exit', kill));
    this.child.stdin!.end(input);
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      createInterface(stream).on('line', (line) => this.keep(line, script));
    }
  }

  get output(): string {
    return this.lines.join('\n');
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** The address that the service prints when it listens. @throws Error when it ends before, with what it said. */
  async listening(): Promise<string> {
    const ended = this.exited.then(([code]) => {
      throw new Error(`ended with code ${String(code)}:\n${this.output}`);
    });
    return Promise.race([this.nextMatch(/(http:\/\/127\.0\.0\.1:\d+)/), ended]);
  }

  /** What the service prints is its log. A command may print the secret that it has made. */
  private keep(line: string, script: string): void {
    this.lines.push(line);
    if (script === SERVICE && !IS_EXAMPLE.test(line)) knownSecrets.noteLine(line);
  }

  /** Resolves when a line matches, and answers the first group. */
  private nextMatch(pattern: RegExp): Promise<string> {
    return new Promise((resolve) => {
      const look = (line: string): void => {
        const match = pattern.exec(line);
        if (match) resolve(match[1]!);
      };
      this.lines.forEach(look);
      createInterface(this.child.stdout!).on('line', look);
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends a signal and answers the exit code, null when the signal itself ended the process. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.signal(signal);
    return this.ended();
  }

  async ended(): Promise<number | null> {
    const [code] = await this.exited;
    return code as number | null;
  }
}
