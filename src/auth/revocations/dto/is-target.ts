import { registerDecorator, type ValidationArguments } from 'class-validator';
import { isUuid } from '../../../common/uuid.js';

/** The id of what is to be forbidden: of the levels below `all` one must be there, and `all` has none. */
export const IsTarget = (): PropertyDecorator => (target, property) => {
  registerDecorator({
    name: 'isTarget',
    target: target.constructor,
    propertyName: String(property),
    validator: {
      validate: (value: unknown, args?: ValidationArguments) =>
        levelOf(args) === 'all' ? value === undefined : isUuid(value),
      defaultMessage: (args?: ValidationArguments) =>
        levelOf(args) === 'all' ? 'id must not be there for level all' : 'id must be a UUID, of what the level says',
    },
  });
};

function levelOf(args: ValidationArguments | undefined): unknown {
  const dto: { level?: unknown } | undefined = args?.object;
  return dto?.level;
}
