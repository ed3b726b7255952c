import { type Environment } from '../config/environment.js';

interface RateLimit {
  /** What is counted, for people. */
  counts: string;
  /** How many there may be within `RATE_LIMIT_WINDOW_SECONDS`. */
  most: (environment: Environment) => number;
}

/** Everything that is limited, and by how much: the whole policy. What is counted for whom, the flows in `auth` say. */
export const rateLimits = {
  'failures-of-name': {
    counts: 'wrong passwords for a name, from addresses that have not logged in under it before',
    most: ({ rateLimitNameFailures }) => rateLimitNameFailures,
  },
  'failures-of-name-at-address': {
    counts: 'wrong passwords for a name, from one address that has logged in under it before',
    most: ({ rateLimitNameFailures }) => rateLimitNameFailures,
  },
  'failures-at-address': {
    counts: 'wrong passwords from an address, whatever the name',
    most: ({ rateLimitAddressFailures }) => rateLimitAddressFailures,
  },
  'registrations-at-address': {
    counts: 'registrations from an address',
    most: ({ rateLimitAddressRegistrations }) => rateLimitAddressRegistrations,
  },
} as const satisfies Record<string, RateLimit>;

export type RateLimitName = keyof typeof rateLimits;

/** How long one waits who went beyond a limit for the n-th time: each time twice as long, and never for good. */
export function waitSeconds(
  times: number,
  { rateLimitFirstWaitSeconds, rateLimitLongestWaitSeconds }: Environment,
): number {
  return Math.min(rateLimitFirstWaitSeconds * 2 ** (times - 1), rateLimitLongestWaitSeconds);
}
