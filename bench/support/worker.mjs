// A process that is asked to do things, and answers: what loads a server, and what a server is compared with.
import { NodeProcess } from './processes.mjs';

/** The side of who asks. */
export class Worker {
  #questions = new Map();
  #lastId = 0;

  /** @param {string} script that calls `serve` @param {ConstructorParameters<typeof NodeProcess>[1]} options */
  constructor(script, options) {
    this.process = new NodeProcess(script, { ...options, hasChannel: true });
    this.process.child.on('message', ({ id, answer, error }) => {
      const { resolve, reject } = this.#questions.get(id);
      this.#questions.delete(id);
      if (error === undefined) resolve(answer);
      else reject(new Error(error));
    });
    this.process.failed().catch((error) => {
      for (const { reject } of this.#questions.values()) reject(error);
    });
  }

  get pid() {
    return this.process.pid;
  }

  /** @param {string} name of what is to be done @param {object} task with what; `Float64Array`s arrive as such */
  ask(name, task = {}) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#questions.set(id, { resolve, reject });
      this.process.child.send({ id, name, task }, (error) => error && reject(error));
    });
  }
}

/**
 * The side of who answers. It lives as long as who asks.
 *
 * @param {Record<string, (task: any) => unknown>} handlers by name
 */
export function serve(handlers) {
  process.on('message', ({ id, name, task }) => {
    const answering = new Promise((resolve) => resolve(handlers[name](task)));
    answering.then(
      (answer) => process.send({ id, answer }),
      (error) => process.send({ id, error: error.stack }),
    );
  });
  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches every process of the terminal; who asks ends this one when it is done with it.
  process.on('SIGINT', () => undefined);
}
