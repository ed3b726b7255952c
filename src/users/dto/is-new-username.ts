import { applyDecorators } from '@nestjs/common';
import { Matches, registerDecorator } from 'class-validator';
import { isReservedUsername, RESERVED_RULE, USERNAME_PATTERN, USERNAME_RULE } from '../username.js';

/** A name that anyone may register. A reserved one can be logged in with all the same: an administrator may have it. */
export const IsNewUsername = (): PropertyDecorator =>
  applyDecorators(Matches(USERNAME_PATTERN, { message: USERNAME_RULE }), IsFreeForAll());

const IsFreeForAll = (): PropertyDecorator => (target, property) => {
  registerDecorator({
    name: 'isFreeForAll',
    target: target.constructor,
    propertyName: String(property),
    validator: {
      validate: (value: unknown) => typeof value !== 'string' || !isReservedUsername(value),
      defaultMessage: () => RESERVED_RULE,
    },
  });
};
