import { Injectable } from '@nestjs/common';
import { AuthError } from '../common/errors/auth-error.js';
import { Environment } from '../config/environment.js';

/** Long enough for any passphrase and short enough to hash without a thought. */
export const MAX_PASSWORD_LENGTH = 256;

/** In characters as people count them, near enough: code points, so that an emoji is one. */
export function passwordLength(password: string): number {
  return Array.from(password).length;
}

/** What a new password must be. One that exists already is never judged again: it must keep working. */
@Injectable()
export class PasswordPolicy {
  constructor(private readonly environment: Environment) {}

  /** @throws AuthError `validation_failed`. */
  check(password: string, field = 'password'): void {
    const min = this.environment.passwordMinLength;
    if (passwordLength(password) >= min) return;
    throw new AuthError('validation_failed', {
      errors: [{ field, message: `${field} must have ${min} to ${MAX_PASSWORD_LENGTH} characters` }],
    });
  }
}
