/** Seconds by which the clocks of two machines may differ; every check of a time and every record allows for it. */
export const LEEWAY_SECONDS = 5;
