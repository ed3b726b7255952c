import { FirstSchema1700000000000 } from './1700000000000-first-schema.js';

/** Every migration, oldest first. One that has been released is never edited; the next change is a new one. */
export const migrations = [FirstSchema1700000000000];
