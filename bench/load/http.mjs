// Loads a server over HTTP, in a process of its own, with autocannon, and tells how busy it was with that itself.
import autocannon from 'autocannon';
import { watchProcessor } from '../support/processor-time.mjs';
import { serve } from '../support/worker.mjs';
import { CountingParser } from './counting-parser.mjs';
import { requestsOf } from './requests.mjs';

/** autocannon stops at the next of these after it is told to. */
const SAMPLE_MS = 20;
/** After the time is over, until the first answer at least: on a machine that busy, its rate is not zero but low. */
const GRACE_SECONDS = 20;

/**
 * As many requests as are answered in a time, each connection sending its next when the last was answered.
 *
 * @param {{ url: string, method?: string, connections: number, seconds: number, kind: string, serverPid?: number }} task
 *   `kind` is one of `requestsOf`, which takes the rest
 */
async function load(task) {
  const { url, method = 'GET', connections, seconds, kind, serverPid } = task;
  const options = requestsOf[kind](task);
  const counted = kind === 'chains' ? options : { ...options, setupClient: counting(options.setupClient) };
  const duration = seconds + GRACE_SECONDS;
  const run = autocannon({ url, method, connections, duration, sampleInt: SAMPLE_MS, ...counted });
  const watched = watch(run, seconds, serverPid);
  const { errors, timeouts } = await run;
  return { ...watched(), errors: errors + timeouts };
}

/** Only their number and statuses are asked: the bodies were compared before. */
function counting(setupClient) {
  return (client) => {
    client.parser = new CountingParser();
    setupClient?.(client);
  };
}

/** Ends the run in time. What comes after that does not count: until autocannon has stopped, the load goes on. */
function watch(run, seconds, serverPid) {
  const answers = new Answers(serverPid);
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    if (answers.hasAny && answers.end(seconds)) run.stop();
  }, seconds * 1000);
  run.on('response', (_client, status, _bytes, ms) => {
    answers.take(status, ms);
    if (isOver && answers.end()) run.stop();
  });
  return () => {
    clearTimeout(timer);
    // Of its own accord it ends when there is nothing left to ask.
    answers.end();
    return answers.result;
  };
}

/** What was answered until the end, how soon, and how busy the processes were. */
class Answers {
  /** Milliseconds. @type {number[]} */
  #latencies = [];
  #failed = 0;
  #begun = performance.now();
  #lastAt = this.#begun;
  #ended;

  constructor(serverPid) {
    this.busy = { generator: watchProcessor(process.pid), server: watchProcessor(serverPid) };
  }

  get hasAny() {
    return this.#latencies.length > 0;
  }

  take(status, ms) {
    if (this.#ended) return;
    this.#lastAt = performance.now();
    if (status === 200) this.#latencies.push(ms);
    else this.#failed++;
  }

  /** After so many seconds, or with the last answer. Whether it was not over before. */
  end(seconds = (this.#lastAt - this.#begun) / 1000) {
    if (this.#ended) return false;
    this.#ended = { seconds, generatorBusy: this.busy.generator(), serverBusy: this.busy.server() };
    return true;
  }

  get result() {
    return { latencies: Float64Array.from(this.#latencies), failed: this.#failed, ...this.#ended };
  }
}

serve({ load });
