import { registerDecorator } from 'class-validator';
import { MAX_PASSWORD_LENGTH, passwordLength } from '../password-policy.js';

/**
 * A text that can be a password at all, taken exactly as it is: not empty, not endless, well-formed Unicode (of two
 * different lone surrogates UTF-8 makes the same bytes) and without NUL.
 */
export const IsPasswordText = (): PropertyDecorator => (target, property) => {
  registerDecorator({
    name: 'isPasswordText',
    target: target.constructor,
    propertyName: String(property),
    validator: {
      validate: isPasswordText,
      defaultMessage: () => `${String(property)} must be a text of 1 to ${MAX_PASSWORD_LENGTH} characters without NUL`,
    },
  });
};

function isPasswordText(value: unknown): boolean {
  if (typeof value !== 'string' || value === '' || value.includes('\0') || !value.isWellFormed()) return false;
  return passwordLength(value) <= MAX_PASSWORD_LENGTH;
}
