import { type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connectionUrl } from '../../src/database/database-connection.js';
import { administratorConnection } from '../../src/database/embedded-postgres/connection.js';
import { pollUntil } from '../../src/database/embedded-postgres/polling.js';
import { findPostmaster } from '../../src/database/embedded-postgres/postmaster-file.js';
import { startProgram } from '../../src/database/embedded-postgres/server-program.js';
import { serverArguments } from '../../src/database/embedded-postgres/server-settings.js';
import { type PreparedSite, prepareSite } from '../../src/database/embedded-postgres/server-site.js';
import { createDatabaseOn, type TestDatabase } from './database.js';
import { Sandbox } from './embedded-postgres-sandbox.js';

/** Below the ports that the system hands out by itself, so that nobody takes ours while the server is away. */
const [FIRST_PORT, LAST_PORT] = [20_000, 30_000];

/** Somebody else may have a port for good. */
const MAX_TRIES = 5;

/**
 * An embedded PostgreSQL of one test file, which may stop it, start it again under the same address, and signal its
 * processes: they belong to the user of the tests, or the tests are root.
 */
export class OwnServer {
  private postmaster: ChildProcess | undefined;

  private constructor(
    private readonly sandbox: Sandbox,
    private readonly site: PreparedSite,
    private readonly port: number,
  ) {
    // A test that fails half-way leaves nothing running.
    process.once('exit', this.kill);
  }

  static async create(): Promise<OwnServer> {
    const sandbox = await Sandbox.create();
    const site = await prepareSite(sandbox.dataDir(), () => undefined, { sharedDir: sandbox.sharedDir });
    for (let tries = 1; ; tries++) {
      const server = new OwnServer(sandbox, site, randomInt(FIRST_PORT, LAST_PORT));
      const fault = await server.start().catch((error: Error) => error);
      if (!fault) return server;
      if (tries === MAX_TRIES) throw fault;
    }
  }

  /** `hidden` is at another port: nobody who knows the address finds it there. */
  async start({ hidden = false } = {}): Promise<void> {
    const port = hidden ? this.port + 1 : this.port;
    const { binaries, account, clusterDir } = this.site;
    // Nothing here has to survive a power cut; an end of the server alone loses nothing.
    const args = [...serverArguments(clusterDir, port), '-c', 'fsync=off'];
    const child = await startProgram(binaries.postgres, args, { account, stdio: 'ignore', isDetached: true });
    this.postmaster = child;
    const isReady = async (): Promise<boolean | undefined> => {
      if (child.exitCode !== null) throw new Error(`PostgreSQL did not start on port ${port}`);
      const found = await findPostmaster(clusterDir);
      return (found?.pid === child.pid && found?.isReady) || undefined;
    };
    await pollUntil(isReady, { everyMs: 5, timeoutMs: 20_000 });
  }

  /** SIGINT ends it in order, SIGQUIT like a crash. Returns when it is gone. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const { postmaster } = this;
    this.postmaster = undefined;
    if (!postmaster || postmaster.exitCode !== null) return;
    const exited = once(postmaster, 'exit');
    postmaster.kill(signal);
    await exited;
  }

  /** An empty database. */
  database(): Promise<TestDatabase> {
    const { port, site } = this;
    return createDatabaseOn(connectionUrl(administratorConnection({ pid: 0, port, isReady: true }, site.credentials)));
  }

  /** The address of a database while the server is hidden. */
  hiddenUrl({ url }: TestDatabase): string {
    const changed = new URL(url);
    changed.port = String(this.port + 1);
    return changed.href;
  }

  async end(): Promise<void> {
    await this.stop();
    process.off('exit', this.kill);
    await this.sandbox.clean();
  }

  private readonly kill = (): void => void this.postmaster?.kill('SIGQUIT');
}
