import { registerDecorator } from 'class-validator';

/** A whole number within bounds, both included; one message tells all of it. */
export const IsWholeNumber =
  (min: number, max: number): PropertyDecorator =>
  (target, property) => {
    registerDecorator({
      name: 'isWholeNumber',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
        defaultMessage: () => `must be a whole number from ${min} to ${max}`,
      },
    });
  };
