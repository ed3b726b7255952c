import { AuthError } from '../../common/errors/auth-error.js';

/** As many digits as a double holds exactly. */
const NUMBER = /^\d{1,15}$/;

/** The number in a `Last-Event-ID` field, 0 without one. @throws AuthError `validation_failed`. */
export function readLastEventId(field: string | string[] | undefined): number {
  if (field === undefined) return 0;
  if (typeof field === 'string' && NUMBER.test(field)) return Number(field);
  throw new AuthError('validation_failed', {
    errors: [{ field: 'Last-Event-ID', message: 'Last-Event-ID must be the number of an event' }],
  });
}
