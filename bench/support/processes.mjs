// Starts processes and ends them, by their id, each when the work that needed it is over.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeOn } from './cores.mjs';

/** Longer than the service gives itself for its stop. */
const STOP_TIMEOUT_MS = 35_000;
const START_TIMEOUT_MS = 60_000;
/** Of what a process printed, so many lines are shown when it fails. */
const LINES_KEPT = 20;

/** A script of ours in a process of its own, on some cores, that ends with the cleanup at the latest. */
export class NodeProcess {
  /** @type {string[]} */
  lines = [];

  /**
   * @param {string} script
   * @param {{ cleanup: import('./cleanup.mjs').Cleanup, cores?: string, args?: string[], nodeArgs?: string[],
   *   env?: Record<string, string>, cwd?: string, hasChannel?: boolean }} options
   */
  constructor(script, { cleanup, cores, args = [], nodeArgs = [], env = {}, cwd, hasChannel = false }) {
    const [command, ...rest] = nodeOn(cores);
    this.child = spawn(command, [...rest, ...nodeArgs, script, ...args], {
      // Nothing of our own environment: production's defaults are what is asked about.
      env: { PATH: process.env.PATH, ...env },
      cwd,
      stdio: ['ignore', 'pipe', 'pipe', ...(hasChannel ? ['ipc'] : [])],
      serialization: 'advanced',
    });
    this.script = script;
    this.ended = once(this.child, 'exit').then(([code, signal]) => code ?? signal);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      createInterface(stream).on('line', (line) => this.#keep(line));
    }
    cleanup.add(() => this.stop());
  }

  get pid() {
    return this.child.pid;
  }

  /** Waits for a line that matches, and answers its first group. @throws Error when the process ends before. */
  async printed(pattern) {
    const found = new Promise((resolve) => {
      createInterface(this.child.stdout).on('line', (line) => {
        const match = pattern.exec(line);
        if (match) resolve(match[1]);
      });
    });
    return Promise.race([found, this.failed(), this.#tooLate()]);
  }

  /** Rejects when the process ends. */
  async failed() {
    const code = await this.ended;
    throw new Error([`${this.script} ended with ${code}`, ...this.lines].join('\n'));
  }

  async #tooLate() {
    await sleep(START_TIMEOUT_MS, undefined, { ref: false });
    throw new Error([`${this.script} was not ready after ${START_TIMEOUT_MS} ms`, ...this.lines].join('\n'));
  }

  async stop() {
    this.child.kill('SIGTERM');
    const isLate = await Promise.race([this.ended.then(() => false), sleep(STOP_TIMEOUT_MS, true, { ref: false })]);
    if (isLate) this.child.kill('SIGKILL');
    await this.ended;
  }

  #keep(line) {
    this.lines.push(line);
    if (this.lines.length > LINES_KEPT) this.lines.shift();
  }
}
