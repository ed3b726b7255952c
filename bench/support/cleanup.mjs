// What has been started is ended, whatever happens: the end of the work, an error, a signal.

/** @type {Cleanup[]} The scopes that are open, the outermost first. */
const open = [];

/** A list of what is to be undone, the last first. */
export class Cleanup {
  /** @type {(() => unknown)[]} */
  #undo = [];
  /** @type {Promise<void> | undefined} */
  #ending;

  /** What is added too late, by work that was cut off, is undone at once. @param {() => unknown} undo may answer a promise */
  add(undo) {
    this.#undo.push(undo);
    if (this.#ending) this.#ending = this.#ending.then(() => this.#run());
  }

  /** Each once, also when it is called twice; one that fails keeps none of the others from being done. */
  run() {
    return (this.#ending ??= this.#run());
  }

  async #run() {
    while (this.#undo.length > 0) {
      try {
        await this.#undo.pop()();
      } catch (error) {
        console.error(`not undone: ${error.message}`);
      }
    }
  }
}

/**
 * Does some work, and undoes what it has added to its cleanup.
 *
 * @template T
 * @param {(cleanup: Cleanup) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withCleanup(work) {
  const cleanup = new Cleanup();
  open.push(cleanup);
  try {
    return await work(cleanup);
  } finally {
    await cleanup.run();
    open.splice(open.indexOf(cleanup), 1);
  }
}

/**
 * Undoes everything at the first SIGINT or SIGTERM, and ends this process as shells expect it.
 *
 * @returns {AbortSignal} aborted from then on: what fails fails because of it
 */
export function cleanUpOnSignals() {
  const ending = new AbortController();
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ]) {
    process.on(signal, () => {
      // Ctrl-C under npm arrives twice.
      if (ending.signal.aborted) return;
      ending.abort();
      void endEverything().finally(() => process.exit(128 + number));
    });
  }
  return ending.signal;
}

async function endEverything() {
  for (const cleanup of open.toReversed()) await cleanup.run();
}
