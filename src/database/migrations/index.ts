import { FirstSchema1700000000000 } from './1700000000000-first-schema.js';
import { KeysClientsAndChores1700000100000 } from './1700000100000-keys-clients-and-chores.js';
import { RevocationFeed1700000200000 } from './1700000200000-revocation-feed.js';
import { RateLimits1700000300000 } from './1700000300000-rate-limits.js';
import { AuditEvents1700000400000 } from './1700000400000-audit-events.js';

/** Every migration, oldest first. One that has been released is never edited; the next change is a new one. */
export const migrations = [
  FirstSchema1700000000000,
  KeysClientsAndChores1700000100000,
  RevocationFeed1700000200000,
  RateLimits1700000300000,
  AuditEvents1700000400000,
];
