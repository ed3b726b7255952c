// What most questions need before they can be asked.
import { fileURLToPath } from 'node:url';
import { moveTo } from './cores.mjs';
import { insertRevocations } from './revocations.mjs';
import { NODE_ARGS, productionVariables, startService } from './service.mjs';
import { temporaryFolder } from './temporary-folder.mjs';
import { openMint } from './tokens.mjs';
import { NodeProcess } from './processes.mjs';
import { Worker } from './worker.mjs';

/**
 * @typedef {object} Bench what a question is handed
 * @property {import('./database.mjs').DatabaseServer} server
 * @property {import('./cores.mjs').Cores | null} plan
 * @property {boolean} isPinned
 * @property {{ seconds: number, rounds: number, warmUpSeconds: number }} timing
 * @property {import('./cleanup.mjs').Cleanup} cleanup
 * @property {(line: string) => void} log
 */

/** A database with some revocations, the variables of services on it, and their tokens. */
export class Stage {
  /** @param {Bench} bench @param {{ revocations?: number, variables?: Record<string, string> }} [options] */
  static async open(bench, { revocations = 0, variables = {} } = {}) {
    const cores = layOut(bench);
    const databaseUrl = await bench.server.createDatabase(bench.cleanup);
    const all = { ...productionVariables(databaseUrl), ...variables };
    const mint = await openMint(all, bench.cleanup);
    if (revocations > 0) await insertRevocations(databaseUrl, revocations);
    return new Stage(bench, { cores, databaseUrl, variables: all, mint, cwd: temporaryFolder(bench.cleanup) });
  }

  /** @param {Bench} bench */
  constructor(bench, { cores, databaseUrl, variables, mint, cwd }) {
    Object.assign(this, { bench, cores, databaseUrl, variables, mint, cwd });
  }

  startService() {
    return this.#start();
  }

  /** Likewise, put together by a script under bench/. */
  startServiceOf(script) {
    return this.#start(pathOf(script));
  }

  /** A server that prints its address. @returns {Promise<{ url: string, pid: number }>} */
  async startPeer(script, task) {
    const { cwd, cores, bench } = this;
    const args = [JSON.stringify(task)];
    const options = { args, nodeArgs: NODE_ARGS, env: { NODE_ENV: 'production' }, cwd, cores: cores.server };
    const peer = new NodeProcess(pathOf(script), { ...options, cleanup: bench.cleanup });
    return { url: await peer.printed(/(http:\/\/127\.0\.0\.1:\d+)/), pid: peer.pid };
  }

  /** What loads a server. */
  startLoad(script = 'load/http.mjs') {
    return new Worker(pathOf(script), { cores: this.cores.load, cleanup: this.bench.cleanup });
  }

  /** What a server is compared with, where it stands. */
  startBarePeer(script) {
    return new Worker(pathOf(script), { cores: this.cores.server, nodeArgs: NODE_ARGS, cleanup: this.bench.cleanup });
  }

  #start(script) {
    const { variables, cwd, cores, bench } = this;
    return startService({ variables, cwd, cores: cores.server, cleanup: bench.cleanup, ...(script && { script }) });
  }
}

/** This process works between the runs, and a little during them; what is measured does not share its core with it. */
function layOut({ plan, server, isPinned }) {
  if (plan === null) return {};
  moveTo(isPinned ? plan.load : plan.all, process.pid);
  if (server.pid !== null) moveTo(isPinned ? plan.database : plan.all, server.pid);
  return isPinned ? { server: plan.server, load: plan.load } : {};
}

function pathOf(script) {
  return fileURLToPath(new URL(`../${script}`, import.meta.url));
}
