import { connect } from 'node:net';
import { type Answer } from './api-client.js';

/** Sends bytes as they stand, which no HTTP client would, and reads the one answer before the service hangs up. */
export function exchange(url: string, bytes: string | Uint8Array): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    // A service that refuses before it has read everything may reset the connection after its answer.
    socket.on('error', (error) => (chunks.length > 0 ? undefined : reject(error)));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (isOfStream(chunks)) socket.destroy();
    });
    socket.on('close', () => {
      try {
        resolve(answerIn(Buffer.concat(chunks).toString()));
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** A request whose first line and header fields are the test's own; it asks the service to hang up. */
export function rawRequest(firstLine: string, fields: string[] = [], body = ''): string {
  return [`${firstLine} HTTP/1.1`, 'Host: recant.test', 'Connection: close', ...fields, '', body].join('\r\n');
}

/** A stream of events goes on until somebody ends it; its head is all of it that is an answer. */
function isOfStream(chunks: Buffer[]): boolean {
  return /^content-type: text\/event-stream[^]*\r\n\r\n/im.test(chunks[0]!.toString('latin1'));
}

function answerIn(text: string): Answer {
  const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
  const [statusLine = '', ...fields] = head.split('\r\n');
  const headers = new Headers(fields.map((field) => field.split(/: ?(.*)/s).slice(0, 2) as [string, string]));
  const isJson = body !== '' && /json/.test(headers.get('content-type') ?? '');
  return { status: Number(statusLine.split(' ')[1]), headers, body: isJson ? JSON.parse(body) : body };
}
