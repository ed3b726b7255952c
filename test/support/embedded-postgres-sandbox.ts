import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { Client } from 'pg';

import {
  startEmbeddedPostgres,
  type ConnectionParameters,
  type EmbeddedPostgres,
} from '../../src/database/embedded-postgres/embedded-postgres.js';
import { pollUntil } from '../../src/database/embedded-postgres/polling.js';
import { findPostmaster } from '../../src/database/embedded-postgres/postmaster-file.js';
import { isPostmasterOf } from '../../src/database/embedded-postgres/process-identity.js';
import type { Surroundings } from '../../src/database/embedded-postgres/server-site.js';

export const isRoot = process.getuid?.() === 0;

export interface OwnerAnswer {
  connection?: ConnectionParameters;
  administrator?: ConnectionParameters;
  refusal?: string;
  errorName?: string;
}

export interface OwnerOptions {
  compiledDir: string;
  account?: { uid: number; gid: number };
  environment?: NodeJS.ProcessEnv;
  execArgv?: string[];
  surroundings?: Surroundings;
}

export interface Owner {
  child: ChildProcess;
  answer: Promise<OwnerAnswer>;
  kill9: () => Promise<void>;
}

/** Folders, processes and servers of one test; `clean` leaves none of them. The servers are real. */
export class Sandbox {
  /** What the servers started in this process logged. */
  readonly lines: string[] = [];
  readonly #children: ChildProcess[] = [];
  readonly #dataDirs: string[] = [];

  private constructor(readonly root: string) {}

  static async create(): Promise<Sandbox> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'recant-embedded-postgres-')));
    await chmod(root, 0o755);
    return new Sandbox(root);
  }

  get sharedDir(): string {
    return join(this.root, 'shared');
  }

  /** A DATA_DIR that does not exist yet. */
  dataDir(...path: string[]): string {
    const dataDir = join(this.root, ...(path.length > 0 ? path : [`data-${this.#dataDirs.length}`]));
    this.#dataDirs.push(dataDir);
    return dataDir;
  }

  /** Where the server's user may come, for its data and binaries when DATA_DIR or the checkout is closed to it. */
  async elsewhere(): Promise<string> {
    const [home] = (await readdir(this.sharedDir)).filter((name) => name !== 'binaries');
    if (!home) throw new Error('nothing lies elsewhere');
    return join(this.sharedDir, home);
  }

  /** A DATA_DIR that was used and stopped before: a copy, because initdb takes a second. */
  async usedDataDir(template: string, ...path: string[]): Promise<string> {
    const dataDir = this.dataDir(...path);
    await mkdir(join(dataDir, '..'), { recursive: true });
    spawnSync('cp', ['-a', template, dataDir]);
    return dataDir;
  }

  start(dataDir: string, surroundings: Surroundings = {}): Promise<EmbeddedPostgres> {
    const log = (line: string) => void this.lines.push(line);
    return startEmbeddedPostgres({ dataDir, log }, { sharedDir: this.sharedDir, ...surroundings });
  }

  spawnOwner(dataDir: string, options: OwnerOptions): Owner {
    const { compiledDir, account, environment, execArgv = [] } = options;
    const surroundings = { sharedDir: this.sharedDir, ...options.surroundings };
    const script = resolve('test/support/embedded-postgres-owner.mjs');
    const args = [...execArgv, script, compiledDir, JSON.stringify({ dataDir, surroundings })];
    const env = environment ?? process.env;
    const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'], ...account });
    this.#children.push(child);
    return { child, answer: firstAnswer(child), kill9: () => kill9(child) };
  }

  async clean(): Promise<void> {
    await Promise.all(this.#children.map(kill9));
    const elsewhere = (await readdir(this.sharedDir).catch(() => [])).map((name) => join(this.sharedDir, name));
    await Promise.all([...this.#dataDirs, ...elsewhere].map((home) => endServerOf(join(home, 'postgres'))));
    await rm(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}

export async function query<Row extends object>(connection: ConnectionParameters, sql: string): Promise<Row[]> {
  const client = new Client(connection);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

export async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

export async function postmasterPid(dataDir: string): Promise<number> {
  const postmaster = await findPostmaster(join(dataDir, 'postgres'));
  if (!postmaster) throw new Error(`no server runs on ${dataDir}`);
  return postmaster.pid;
}

async function firstAnswer(child: ChildProcess): Promise<OwnerAnswer> {
  if (!child.stdout) throw new Error('no standard output');
  for await (const line of createInterface(child.stdout)) {
    const answer: OwnerAnswer = JSON.parse(line);
    return answer;
  }
  return {}; // killed before it answered
}

async function kill9(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function endServerOf(clusterDir: string): Promise<void> {
  const postmaster = await findPostmaster(clusterDir).catch(() => null);
  if (!postmaster) return;
  process.kill(postmaster.pid, 'SIGQUIT');
  const isGone = async () => ((await isPostmasterOf(postmaster.pid, clusterDir)) ? undefined : true);
  await pollUntil(isGone, { everyMs: 10, timeoutMs: 5_000 });
}
