/** Milliseconds before the first try again, at most: a stream that just ended is there again in a moment. */
const FIRST_MS = 100;

/** Milliseconds before any of them, at most. The pauses grow up to here: 100, 200, 400 … of which each is a random part. */
const LONGEST_MS = 3_000;

/** What the issuer may ask for, in milliseconds. */
const LONGEST_ASKED_MS = 30_000;

/** The pauses between tries at a stream. Of all followers that lost theirs together, each waits for another time. */
export class Pauses {
  private tries = 0;
  private timer: NodeJS.Timeout | undefined;
  private wake: (() => void) | undefined;
  private isOver = false;

  /** After something went well, the next pause is short. */
  reset(): void {
    this.tries = 0;
  }

  async pause(askedMs: number | null): Promise<void> {
    if (this.isOver) return;
    const longestMs = Math.min(FIRST_MS * 2 ** this.tries++, LONGEST_MS);
    const ms = Math.random() * longestMs + Math.min(askedMs ?? 0, LONGEST_ASKED_MS);
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      // It keeps no process alive that has nothing else to do.
      this.timer = setTimeout(resolve, ms).unref();
    });
  }

  /** Ends the pause under way, and all to come. */
  end(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    this.wake?.();
  }
}
