import { open, type FileHandle } from 'node:fs/promises';

// The server logs starts, stops and crashes only (see SERVER_SETTINGS), some 500 bytes a start, so this is years.
const MAX_BYTES = 1024 * 1024;
const LAST_LINES = 6;

export const LOG_FILE = 'postgres.log';

/** The server's log, written by the server through our file handle: it needs no right to DATA_DIR for that. */
export class ServerLog {
  private constructor(
    readonly file: FileHandle,
    private readonly startOffset: number,
  ) {}

  static async open(path: string): Promise<ServerLog> {
    const file = await open(path, 'a+', 0o600);
    const { size } = await file.stat();
    if (size <= MAX_BYTES) return new ServerLog(file, size);
    await file.truncate(0);
    return new ServerLog(file, 0);
  }

  /** What was written since it was opened. */
  async lastLines(): Promise<string> {
    const { size } = await this.file.stat();
    const { buffer, bytesRead } = await this.file.read({
      buffer: Buffer.alloc(Math.max(0, size - this.startOffset)),
      position: this.startOffset,
    });
    return lastLinesOf(buffer.subarray(0, bytesRead).toString());
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/** On one line, so that it fits into a sentence for the operator. */
export function lastLinesOf(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-LAST_LINES).join(' | ');
}
