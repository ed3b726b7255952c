import { Injectable } from '@nestjs/common';
import { AuthError } from '../common/errors/auth-error.js';
import { Environment } from '../config/environment.js';

/** Long enough for any passphrase and short enough to hash without a thought. */
export const MAX_PASSWORD_LENGTH = 256;

/**
 * Whether a value can be a password at all, taken exactly as it is: of 1 or more characters (code points, so that an
 * emoji is one), not endless, well-formed Unicode (of two different lone surrogates UTF-8 makes the same bytes) and
 * without NUL.
 */
export function isPasswordText(value: unknown, minLength = 1): value is string {
  if (typeof value !== 'string' || value.includes('\0') || !value.isWellFormed()) return false;
  const length = Array.from(value).length;
  return length >= minLength && length <= MAX_PASSWORD_LENGTH;
}

/** What a new password must be. One that exists already is never judged again: it must keep working. */
@Injectable()
export class PasswordPolicy {
  constructor(private readonly environment: Environment) {}

  /** What is expected of a value that may not be chosen, or null. */
  faultOf(value: unknown): string | null {
    const { passwordMinLength } = this.environment;
    if (isPasswordText(value, passwordMinLength)) return null;
    return `must have ${passwordMinLength} to ${MAX_PASSWORD_LENGTH} characters, none of them NUL`;
  }

  /** @throws AuthError `validation_failed`. */
  check(password: string): void {
    const fault = this.faultOf(password);
    if (fault === null) return;
    throw new AuthError('validation_failed', { errors: [{ field: 'password', message: `password ${fault}` }] });
  }
}
