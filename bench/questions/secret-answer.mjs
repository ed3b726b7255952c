// Whether servers that are compared give the same answer.
import { exchange } from '../support/http-client.mjs';

/** Set by Node itself, on a connection that stays open. */
const SET_BY_NODE = new Set(['date', 'connection', 'keep-alive']);

/** @param {string} url of a server @param {string} [token] */
export async function answerOf(url, token) {
  const answer = await exchange(`${url}/secret`, { token, headers: { connection: 'keep-alive' } });
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}: ${answer.text}`);
  return answer;
}

/** What plain node:http needs for the very same answer. */
export function plainOptions({ rawHeaders, headers, text }) {
  const fields = pairs(rawHeaders).filter(([name]) => !SET_BY_NODE.has(name.toLowerCase()));
  const [, seconds] = /timeout=(\d+)/.exec(headers['keep-alive']);
  return { headers: Object.fromEntries(fields), body: text, keepAliveMs: 1000 * seconds };
}

/** Of these only the names are the same. */
const OF_ONE_ANSWER = new Set(['date', 'x-request-id']);

/** Byte for byte, but for the date and the name of the request. */
export function expectSameAnswer(actual, expected) {
  expectSameBody(actual, expected);
  const [one, other] = [actual, expected].map(({ rawHeaders }) => JSON.stringify(comparable(rawHeaders)));
  if (one !== other) throw new Error(`header fields differ: ${one} is not ${other}`);
}

export function expectSameBody({ text: actual }, { text: expected }) {
  if (actual !== expected) throw new Error(`answers differ: ${actual} is not ${expected}`);
}

function comparable(rawHeaders) {
  return pairs(rawHeaders).map(([name, value]) => (OF_ONE_ANSWER.has(name.toLowerCase()) ? [name] : [name, value]));
}

function pairs(rawHeaders) {
  return Array.from({ length: rawHeaders.length / 2 }, (_, i) => [rawHeaders[2 * i], rawHeaders[2 * i + 1]]);
}
