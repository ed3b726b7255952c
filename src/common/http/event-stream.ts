import { type ServerResponse } from 'node:http';
import { type FastifyReply } from 'fastify';
import { type Clock } from '../clock.js';

export const EVENT_STREAM_TYPE = 'text/event-stream';

/** Milliseconds for what has been written to be read after the end; who is frozen would hold up the service's stop. */
const GOODBYE_MS = 1_000;

/**
 * An answer that goes on until somebody ends it. What is written to it and not read yet is held in memory; so whoever
 * writes much waits for `drained`, and whoever writes at all looks at `unsentBytes` and `isStalled`.
 */
export class EventStream {
  private readonly raw: ServerResponse;
  private wake: (() => void) | undefined;
  /** When everything that had been written was last gone. */
  private emptyAtMs: number;

  constructor(
    private readonly reply: FastifyReply,
    private readonly clock: Clock,
  ) {
    this.raw = reply.raw;
    this.emptyAtMs = clock.monotonicMs();
    this.raw.on('drain', () => this.hasEmptied());
    this.onClose(() => this.wake?.());
  }

  /** Has something done when the connection is gone, or at once when it is. */
  onClose(act: () => void): void {
    if (this.raw.destroyed) act();
    else this.raw.once('close', act);
  }

  /** Sends the head. Until then the request can be answered otherwise. */
  begin(): void {
    this.reply.hijack();
    this.forgetRequest();
    // Without chunks, whose lengths would be written anew for each of a thousand who get the same bytes; the end of the
    // connection is that of the answer (RFC 9112 §6.3).
    this.raw.useChunkedEncodingByDefault = false;
    this.raw.writeHead(200, {
      ...(this.reply.getHeaders() as Record<string, string>),
      'content-type': `${EVENT_STREAM_TYPE}; charset=utf-8`,
      // nginx would keep the events back until its buffer is full.
      'x-accel-buffering': 'no',
      connection: 'close',
    });
    this.raw.flushHeaders();
  }

  write(bytes: string | Buffer): void {
    if (this.raw.writableLength === 0) this.emptyAtMs = this.clock.monotonicMs();
    this.raw.write(bytes);
  }

  /** Bytes that the system has not taken yet. */
  get unsentBytes(): number {
    return this.raw.writableLength;
  }

  /** Whether something has been waiting to be read for so long. */
  isStalled(forMs: number): boolean {
    return this.raw.writableLength > 0 && this.clock.monotonicMs() - this.emptyAtMs > forMs;
  }

  /** Returns when there is room again, or nobody who reads. For one at a time. */
  async drained(): Promise<void> {
    if (!this.raw.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
  }

  /** Ends it in order; nothing when it has not begun. */
  end(): void {
    if (!this.raw.headersSent) return;
    this.wake?.();
    this.raw.end();
    const impatience = setTimeout(() => this.raw.destroy(), GOODBYE_MS).unref();
    this.onClose(() => clearTimeout(impatience));
  }

  /** Ends it without waiting for anyone. */
  cutOff(): void {
    this.raw.destroy();
  }

  private hasEmptied(): void {
    this.emptyAtMs = this.clock.monotonicMs();
    this.wake?.();
  }

  /** It brought a secret or a token, and lives as long as the stream. */
  private forgetRequest(): void {
    this.raw.req.headers = {};
    this.raw.req.rawHeaders = [];
  }
}
