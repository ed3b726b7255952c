import { registerDecorator } from 'class-validator';

/** Origins as a browser sends them (RFC 6454 §6.2), so that comparing texts is enough. */
export const IsOrigins = (): PropertyDecorator => (target, property) => {
  registerDecorator({
    name: 'isOrigins',
    target: target.constructor,
    propertyName: String(property),
    validator: {
      validate: (value: unknown) => Array.isArray(value) && value.every(isOrigin),
      defaultMessage: () => 'must be origins such as https://app.example.com, without a path, in lower case',
    },
  });
};

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, origin } = new URL(value);
  return ['http:', 'https:'].includes(protocol) && origin === value;
}
