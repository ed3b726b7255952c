import { describe, expect, it } from 'vitest';
import { CountingParser } from './counting-parser.mjs';

const ok = 'HTTP/1.1 200 OK\r\nContent-Type: x\r\nContent-Length: 5\r\nDate: y\r\n\r\nhello';
const refused = 'HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n';

/** The statuses that autocannon would hear of, when an answer comes in these pieces. */
function statusesOf(...pieces) {
  const statuses = [];
  const parser = new CountingParser();
  let status = null;
  parser[2] = ({ statusCode }) => (status = statusCode);
  parser[4] = () => statuses.push(status);
  for (const piece of pieces) parser.execute(Buffer.from(piece, 'latin1'));
  return statuses;
}

describe('answers are told apart', () => {
  it('one in a piece', () => {
    expect(statusesOf(ok, refused, ok)).toEqual([200, 401, 200]);
  });

  it('several in a piece, the last of them not whole', () => {
    expect(statusesOf(ok + refused + ok.slice(0, 30), ok.slice(30))).toEqual([200, 401, 200]);
  });

  it('one in many pieces, wherever it was cut', () => {
    expect(statusesOf(...Array.from(ok + ok))).toEqual([200, 200]);
  });

  it('none before its body is whole', () => {
    expect(statusesOf(ok.slice(0, -1))).toEqual([]);
  });

  it('not by the length that the next answer says', () => {
    expect(() => statusesOf(`HTTP/1.1 200 OK\r\n\r\n${ok}`)).toThrow('without Content-Length');
  });
});
