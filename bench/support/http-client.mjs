// Requests one at a time, for what is not the load.
import { request } from 'node:http';

/**
 * @param {string} url
 * @param {{ agent?: import('node:http').Agent, method?: string, token?: string, json?: object, form?: Record<string, string>,
 *   headers?: Record<string, string> }} [options]
 * @returns {Promise<{ status: number, rawHeaders: string[], headers: import('node:http').IncomingHttpHeaders, text: string }>}
 */
export function exchange(url, { agent, method = 'GET', token, json, headers = {} } = {}) {
  const body = json === undefined ? '' : JSON.stringify(json);
  const fields = {
    ...(method !== 'GET' && { 'content-length': Buffer.byteLength(body) }),
    ...(json !== undefined && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: fields }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () =>
        resolve({ status: response.statusCode, rawHeaders: response.rawHeaders, headers: response.headers, text }),
      );
      response.on('error', reject);
    });
    sent.on('error', reject).end(body);
  });
}

/** Likewise, where only one answer will do; answers its JSON. */
export async function expectJson(status, url, options) {
  const answer = await exchange(url, options);
  if (answer.status !== status) throw new Error(`${url} answered ${answer.status}: ${answer.text}`);
  return JSON.parse(answer.text);
}
