// Revokes tokens at one instance, one after the other, and sees when others refuse them. All by one clock: this process's.
import { Agent } from 'node:http';
import { exchange } from '../support/http-client.mjs';
import { serve } from '../support/worker.mjs';
import { followStream } from './event-stream.mjs';

/** Later is a fault and no latency. */
const GIVE_UP_MS = 10_000;

serve({
  /**
   * @param {{ revokeAt: string, watched: string[], feed: object | null, tokens: string[], seconds: number }} task addresses;
   *   `feed` is what `followStream` takes, and null where there is none
   * @returns the latencies of each address, and of the follower after them, in milliseconds from the 200 on
   */
  async probe({ revokeAt, watched, feed, tokens, seconds }) {
    const follower = feed && (await follow(feed));
    const at = [revokeAt, ...watched].map((url) => ({ url, agent: new Agent({ keepAlive: true }) }));
    const latencies = [...watched, ...(follower ? [feed] : [])].map(() => []);
    const end = performance.now() + seconds * 1000;
    for (let i = 0; i < tokens.length && performance.now() < end; i++) {
      const seen = await trial(at, follower, tokens[i]);
      seen.forEach((ms, watcher) => latencies[watcher].push(ms));
    }
    follower?.close();
    for (const { agent } of at) agent.destroy();
    return latencies.map((list) => Float64Array.from(list));
  },
});

/** How long after the 200 each of the others refused; 0 where the refusal came before the 200 did. */
async function trial([revoker, ...others], follower, token) {
  // Known to be good, and in whatever cache there is.
  for (const other of others) await expectStatus(200, other, 'GET', '/secret', token);
  const refusals = others.map((other) => firstRefusal(other, token));
  if (follower) refusals.push(follower.hearsOf(idOf(token)));
  await expectStatus(200, revoker, 'POST', '/logout/access', token);
  const revokedAt = performance.now();
  const refusedAt = await Promise.all(refusals.map(inTime));
  return refusedAt.map((moment) => Math.max(0, moment - revokedAt));
}

/** Asks again as soon as it is answered. The answer's arrival counts, so a way there and back is part of the latency. */
async function firstRefusal({ url, agent }, token) {
  for (const giveUpAt = performance.now() + GIVE_UP_MS; performance.now() < giveUpAt;) {
    const { status } = await exchange(`${url}/secret`, { agent, token });
    if (status === 401) return performance.now();
    if (status !== 200) throw new Error(`${url}/secret answered ${status}`);
  }
  throw new Error(`${url} did not refuse the token within ${GIVE_UP_MS} ms`);
}

async function expectStatus(expected, { url, agent }, method, path, token) {
  const { status, text } = await exchange(`${url}${path}`, { agent, method, token });
  if (status !== expected) throw new Error(`${url}${path} answered ${status}: ${text}`);
}

async function follow(feed) {
  const waiting = new Map();
  const { close } = await followStream(feed, (id) => waiting.get(id)?.(performance.now()));
  return { close, hearsOf: (id) => new Promise((resolve) => waiting.set(id, resolve)) };
}

function idOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()).jti;
}

function inTime(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing was heard for ${GIVE_UP_MS} ms`)), GIVE_UP_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
