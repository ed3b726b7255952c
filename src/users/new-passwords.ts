import { Injectable } from '@nestjs/common';
import { PasswordHasher } from './password-hasher.js';
import { type NewPassword, PasswordPolicy } from './password-policy.js';

/** What becomes of a password that somebody wants to have. */
@Injectable()
export class NewPasswords {
  constructor(
    private readonly policy: PasswordPolicy,
    private readonly hasher: PasswordHasher,
  ) {}

  /** Its hash. @throws AuthError `validation_failed`, when the policy refuses it; `too_busy`. */
  async hash(password: NewPassword): Promise<string> {
    await this.policy.check(password);
    return this.hasher.hash(password.password);
  }
}
