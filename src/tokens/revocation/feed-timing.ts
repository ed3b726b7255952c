/** Milliseconds between two heartbeats. With the usual staleness, four are lost before memory is not trusted. */
const BEAT_MS = 500;

/** Milliseconds of silence at most, however long memory is trusted, before a connection is given up. */
const LONGEST_SILENCE_MS = 10_000;

/** All in milliseconds. */
export interface FeedTiming {
  /** Between two heartbeats. */
  beatMs: number;
  /** How long a proof lasts. */
  stalenessMs: number;
  /** Of silence, after which another connection is tried. */
  giveUpMs: number;
}

/** The default of 2000 gives a heartbeat each 500 ms, and 6 s of silence; 500 gives 125 ms and 1.5 s. */
export function feedTiming(stalenessMs: number): FeedTiming {
  return {
    beatMs: Math.min(BEAT_MS, stalenessMs / 4),
    stalenessMs,
    giveUpMs: Math.min(LONGEST_SILENCE_MS, stalenessMs * 3),
  };
}
