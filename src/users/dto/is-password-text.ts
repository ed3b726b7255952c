import { registerDecorator } from 'class-validator';
import { isPasswordText, MAX_PASSWORD_LENGTH } from '../password-policy.js';

/** A text that may be somebody's password, whatever was asked of passwords when it was chosen. */
export const IsPasswordText = (): PropertyDecorator => (target, property) => {
  registerDecorator({
    name: 'isPasswordText',
    target: target.constructor,
    propertyName: String(property),
    validator: {
      validate: (value: unknown) => isPasswordText(value),
      defaultMessage: () => `${String(property)} must have 1 to ${MAX_PASSWORD_LENGTH} characters, none of them NUL`,
    },
  });
};
