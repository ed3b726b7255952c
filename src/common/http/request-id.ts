import { type IncomingMessage } from 'node:http';
import { newSecret } from '../random.js';
import { type Trust } from './trusted-proxies.js';

/** Told with every answer and every refusal in the log, so that a caller's complaint finds its line. */
export const REQUEST_ID_FIELD = 'x-request-id';

/** What may stand in a log as it came. */
const WELL_FORMED = /^[\w.-]{1,64}$/;

/**
 * Makes the names of requests: of this process, and a number. A proxy that is trusted may have given one already, under
 * which its own log has the request too.
 */
export function requestIds(trusts: Trust): (raw: IncomingMessage) => string {
  const prefix = newSecret().slice(0, 8);
  let count = 0;
  return ({ headers, socket }) => {
    const given = headers[REQUEST_ID_FIELD];
    if (typeof given === 'string' && WELL_FORMED.test(given) && trusts(socket.remoteAddress ?? '', 0)) return given;
    return `${prefix}-${(++count).toString(36)}`;
  };
}
