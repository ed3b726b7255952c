import { Injectable } from '@nestjs/common';
import { AuthError } from '../common/errors/auth-error.js';
import { Environment } from '../config/environment.js';
import { CommonPasswords } from './common-passwords.js';
import { canonicalUsername } from './username.js';

/** Long enough for any passphrase and short enough to hash without a thought. */
export const MAX_PASSWORD_LENGTH = 256;

/** A shorter name stands in half of all passwords by chance. */
const SHORTEST_TELLING_NAME = 4;

const SERVICE_NAME = 'recant';

/** A password that somebody wants to have, and the field of the request in which it came. */
export interface NewPassword {
  password: string;
  username: string;
  field: string;
}

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

/**
 * What a new password must be (NIST SP 800-63B-4 §3.1.1.2): long enough, and not one that is tried first. Of which kinds
 * of characters is nobody's business. One that exists already is never judged again: it must keep working.
 */
@Injectable()
export class PasswordPolicy {
  constructor(
    private readonly environment: Environment,
    private readonly common: CommonPasswords,
  ) {}

  /** What is expected of a value that may not be chosen by anyone, or null. */
  faultOf(value: unknown): string | null {
    const { passwordMinLength } = this.environment;
    if (isPasswordText(value, passwordMinLength)) return null;
    return `must have ${passwordMinLength} to ${MAX_PASSWORD_LENGTH} characters, none of them NUL`;
  }

  /** @throws AuthError `validation_failed`, with the reason in words. */
  async check({ password, username, field }: NewPassword): Promise<void> {
    const fault =
      this.faultOf(password) ?? faultFor(password.toLowerCase(), username) ?? (await this.faultOfCommon(password));
    if (fault === null) return;
    throw new AuthError('validation_failed', { errors: [{ field, message: `${field} ${fault}` }] });
  }

  private async faultOfCommon(password: string): Promise<string | null> {
    const isCommon = await this.common.includes(password);
    return isCommon ? 'is among the common passwords or as easy to guess; choose another one' : null;
  }
}

function faultFor(password: string, username: string): string | null {
  if (password.includes(SERVICE_NAME)) return 'must not contain the name of the service';
  const isTelling = username.length >= SHORTEST_TELLING_NAME;
  return isTelling && password.includes(canonicalUsername(username)) ? 'must not contain the username' : null;
}
