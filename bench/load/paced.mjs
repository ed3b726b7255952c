// A steady load on several servers at once, until it is told to stop. autocannon's bounded rate sends what is due in a second
// at its beginning and then waits; what falls between would be measured on idle servers.
import { Agent } from 'node:http';
import { exchange } from '../support/http-client.mjs';
import { watchProcessor } from '../support/processor-time.mjs';
import { serve } from '../support/worker.mjs';

const TICK_MS = 5;
/** For each server. A request that finds them all busy is not sent later, but counted as missed. */
const CONNECTIONS = 20;

/** @type {{ stop: () => Promise<object> } | undefined} */
let pacing;

serve({
  /** @param {{ urls: string[], tokens: string[], perSecond: number }} task `perSecond` is for each of the servers */
  start(task) {
    pacing = pace(task);
  },
  stop: () => pacing.stop(),
});

function pace({ urls, tokens, perSecond }) {
  const counts = { done: 0, failed: 0, missed: 0 };
  const servers = urls.map((url) => ({ url, agent: new Agent({ keepAlive: true, maxSockets: CONNECTIONS }), open: 0 }));
  const busy = watchProcessor(process.pid);
  const begun = performance.now();
  let due = 0;
  const timer = setInterval(() => {
    for (const end = ((performance.now() - begun) / 1000) * perSecond; due < end; due++) {
      for (const server of servers) void send(server, tokens[due % tokens.length], counts);
    }
  }, TICK_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      const seconds = (performance.now() - begun) / 1000;
      const generatorBusy = busy();
      for (const { agent } of servers) agent.destroy();
      return { ...counts, seconds, generatorBusy };
    },
  };
}

async function send(server, token, counts) {
  if (server.open >= CONNECTIONS) {
    counts.missed++;
    return;
  }
  server.open++;
  try {
    const { status } = await exchange(server.url, { agent: server.agent, token });
    counts[status === 200 ? 'done' : 'failed']++;
  } catch {
    // Those under way at the stop are cut off, and nobody asks for the count any more.
    counts.failed++;
  } finally {
    server.open--;
  }
}
