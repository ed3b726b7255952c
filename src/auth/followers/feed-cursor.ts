/** Where a page of the list ended, and the number up to which the list goes: that of its first page. */
export interface FeedCursor {
  upTo: number;
  after: number;
}

/** `<up to>.<after>`, each of as many digits as a double holds exactly. */
export const FEED_CURSOR_PATTERN = /^\d{1,15}\.\d{1,15}$/;

export function writeFeedCursor({ upTo, after }: FeedCursor): string {
  return `${upTo}.${after}`;
}

/** Reads what matches FEED_CURSOR_PATTERN. */
export function readFeedCursor(text: string): FeedCursor {
  const [upTo, after] = text.split('.').map(Number) as [number, number];
  return { upTo, after };
}
