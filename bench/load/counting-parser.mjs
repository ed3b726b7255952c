// autocannon's own parser, in JavaScript, makes an object of every header field of every answer. With it, what generates the
// load has more to do than a bare server. Where answers are only counted, this one takes its place.

/** What autocannon sets on its parser, under the names that http-parser-js gives them. */
const ON_HEADERS_COMPLETE = 2;
const ON_MESSAGE_COMPLETE = 4;

const END_OF_HEAD = '\r\n\r\n';
const CONTENT_LENGTH = '\r\ncontent-length: ';

/** Tells where one answer ends and the next begins, by the length that each has to say (as all of ours do), and its status. */
export class CountingParser {
  /** What has come of an answer that is not here yet. @type {Buffer | null} */
  #rest = null;

  /** @param {Buffer} chunk */
  execute(chunk) {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    for (let end = endOfAnswer(bytes, 0); end !== null; end = endOfAnswer(bytes, at)) {
      this[ON_HEADERS_COMPLETE]({ statusCode: statusOf(bytes, at), headers: [] });
      this[ON_MESSAGE_COMPLETE]();
      at = end;
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : null;
  }
}

/** Null when it is not here yet. */
function endOfAnswer(bytes, at) {
  const headEnd = bytes.indexOf(END_OF_HEAD, at, 'latin1');
  if (headEnd === -1) return null;
  const end = headEnd + END_OF_HEAD.length + contentLength(bytes, at, headEnd);
  return end <= bytes.length ? end : null;
}

function contentLength(bytes, at, headEnd) {
  let field = bytes.indexOf(CONTENT_LENGTH, at, 'latin1');
  // Node's own servers write it with capitals.
  if (field === -1 || field > headEnd) field = bytes.indexOf('\r\nContent-Length: ', at, 'latin1');
  if (field === -1 || field > headEnd) throw new Error('an answer without Content-Length cannot be counted');
  return Number.parseInt(bytes.latin1Slice(field + CONTENT_LENGTH.length, headEnd), 10);
}

/** The three digits after `HTTP/1.1 `. */
function statusOf(bytes, at) {
  return Number(bytes.latin1Slice(at + 9, at + 12));
}
