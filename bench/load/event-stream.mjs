// Follows the outer feed of a service as another service would, as far as measuring needs it.
import { Agent, get } from 'node:http';

/**
 * Opens `GET /revocations/stream` and answers once it is told that nothing more is to be sent of what was before.
 *
 * @param {{ url: string, authorization: string, lastEventId: string }} feed
 * @param {(id: string) => void} onRevocation gets the id of what is revoked
 * @returns {Promise<{ close: () => void }>}
 */
export function followStream(feed, onRevocation) {
  return new Promise((resolve, reject) => {
    const sent = openStream(feed, (response) => {
      if (response.statusCode !== 200) {
        reject(new Error(`the stream answered ${response.statusCode}`));
        return;
      }
      let rest = '';
      response.setEncoding('utf8').on('data', (part) => {
        const events = (rest + part).split('\n\n');
        rest = events.pop();
        for (const event of events) {
          if (/^event: proof$/m.test(event)) resolve({ close: () => sent.destroy() });
          if (/^event: revocation$/m.test(event)) onRevocation(JSON.parse(/^data: (.*)$/m.exec(event)[1]).id);
        }
      });
      response.on('error', () => undefined);
    });
    sent.on('error', reject);
  });
}

/** A connection of its own. @param {(response: import('node:http').IncomingMessage) => void} onResponse */
export function openStream({ url, authorization, lastEventId }, onResponse) {
  return get(
    `${url}/revocations/stream`,
    {
      agent: new Agent({ keepAlive: false }),
      headers: { authorization, accept: 'text/event-stream', 'last-event-id': lastEventId },
    },
    onResponse,
  );
}
