import { registerDecorator } from 'class-validator';

/** A whole number within bounds, both included; one message tells all of it. */
export const IsWholeNumber = (min: number, max: number): PropertyDecorator =>
  isNumber(`must be a whole number from ${min} to ${max}`, (value) => isWithin(min, max, value));

/** Likewise, or 0, which turns something off. */
export const IsZeroOrWholeNumber = (min: number, max: number): PropertyDecorator =>
  isNumber(`must be 0 or a whole number from ${min} to ${max}`, (value) => value === 0 || isWithin(min, max, value));

function isWithin(min: number, max: number, value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function isNumber(message: string, validate: (value: unknown) => boolean): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isWholeNumber',
      target: target.constructor,
      propertyName: String(property),
      validator: { validate, defaultMessage: () => message },
    });
  };
}
