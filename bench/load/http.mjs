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
  const latencies = [];
  let failed = 0;
  const begun = performance.now();
  let lastAt = begun;
  const busy = { generator: watchProcessor(process.pid), server: watchProcessor(serverPid) };
  let ended;
  const end = (elapsedSeconds) => {
    ended ??= { seconds: elapsedSeconds, generatorBusy: busy.generator(), serverBusy: busy.server() };
    run.stop();
  };
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    if (latencies.length > 0) end(seconds);
  }, seconds * 1000);
  run.on('response', (_client, status, _bytes, ms) => {
    if (ended) return;
    lastAt = performance.now();
    if (status === 200) latencies.push(ms);
    else failed++;
    if (isOver) end((lastAt - begun) / 1000);
  });
  return () => {
    clearTimeout(timer);
    // Of its own accord it ends when there is nothing left to ask.
    if (!ended) end((lastAt - begun) / 1000);
    return { latencies: Float64Array.from(latencies), failed, ...ended };
  };
}

serve({ load });
