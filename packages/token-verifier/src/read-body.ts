/** Characters of a document at most. The issuer's have some hundred. */
const MAX_CHARACTERS = 256 * 1024;

/**
 * Hands out the pieces of a body as they come, until it ends or the signal does.
 *
 * The signal ends the reading itself, and is not left to `fetch`: Node's forgets the signal of a request that has been
 * garbage-collected while its body is read.
 */
export async function readBody(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  const reader = body.getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel);
  try {
    for (let piece = await reader.read(); !piece.done && !signal.aborted; piece = await reader.read())
      take(piece.value);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** The whole text. @throws what the signal was ended with; Error for one that is too long. */
export async function readText({ body }: Response, signal: AbortSignal): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  if (body) {
    await readBody(body as ReadableStream<Uint8Array>, signal, (bytes) => {
      text += decoder.decode(bytes, { stream: true });
      if (text.length > MAX_CHARACTERS) throw new Error('the answer is too long');
    });
  }
  signal.throwIfAborted();
  return text + decoder.decode();
}
