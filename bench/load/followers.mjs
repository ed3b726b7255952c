// Many followers of one instance's feed. They read what comes and do nothing with it: what it costs to send is the question.
import { serve } from '../support/worker.mjs';
import { openStream } from './event-stream.mjs';

/** Connections that are being opened at once; more would wait in the server's backlog. */
const AT_ONCE = 50;

/** @type {import('node:http').ClientRequest[]} */
let open = [];
let bytes = 0;
let lost = 0;

serve({
  /** Answers when every one of them has been told something. @param {{ feed: object, count: number }} task */
  async connect({ feed, count }) {
    bytes = 0;
    lost = 0;
    for (let left = count; left > 0; left -= AT_ONCE) {
      open.push(...(await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, () => connectOne(feed)))));
    }
  },
  /** Answers what was read, and how many were cut off before. */
  async disconnect() {
    const [closing, read] = [open, { bytes, lost }];
    open = [];
    for (const sent of closing) sent.destroy();
    return read;
  },
});

function connectOne(feed) {
  return new Promise((resolve, reject) => {
    const sent = openStream(feed, (response) => {
      if (response.statusCode !== 200) reject(new Error(`the stream answered ${response.statusCode}`));
      response.on('data', (chunk) => {
        bytes += chunk.length;
        resolve(sent);
      });
      response.on('close', () => open.includes(sent) && lost++);
      response.on('error', () => undefined);
    });
    sent.on('error', reject);
  });
}
