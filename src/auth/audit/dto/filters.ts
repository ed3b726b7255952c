import { isIP } from 'node:net';
import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { isISO8601, Matches, ValidateBy } from 'class-validator';
import { canonicalAddress } from '../../../audit/network.js';
import { isUuid } from '../../../common/uuid.js';

/** RFC 3339 §5.6, of years that PostgreSQL and people count alike; no leap seconds, which it would not take. */
const MOMENT = /^(19|2\d)\d{2}-\d{2}-\d{2}T([01]\d|2[0-3])(:[0-5]\d){2}(\.\d{1,9})?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/i;

/** UUIDs are read in any case and written in the lower one (RFC 9562 §4). The names of keys are none, and stay as they are. */
const InLowerCase = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => {
    const lower = typeof value === 'string' ? value.toLowerCase() : value;
    return isUuid(lower) ? lower : value;
  });

/** A moment that is in the calendar. */
export const IsMoment = (field: string): PropertyDecorator =>
  ValidateBy({
    name: 'isMoment',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && MOMENT.test(value) && isISO8601(value.toUpperCase(), { strict: true }),
      defaultMessage: () => `${field} must be a moment such as 2026-01-01T12:00:00Z (RFC 3339)`,
    },
  });

/** The id of a user, a session, a client, a token or a key. */
export const IsId = (field: string): PropertyDecorator =>
  applyDecorators(InLowerCase(), Matches(/^[A-Za-z0-9_-]{1,64}$/, { message: `${field} must be an id` }));

export const IsSessionId = (): PropertyDecorator =>
  applyDecorators(
    InLowerCase(),
    ValidateBy({
      name: 'isSessionId',
      validator: { validate: isUuid, defaultMessage: () => 'session_id must be a UUID' },
    }),
  );

/** An address by itself, without a network or the name of an interface; in the spelling in which it is kept. */
export const IsAddress = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (isAddress(value) ? canonicalAddress(value) : value)),
    ValidateBy({
      name: 'isAddress',
      validator: { validate: isAddress, defaultMessage: () => 'ip must be an IPv4 or IPv6 address' },
    }),
  );

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && isIP(value) !== 0 && !value.includes('%');
}
