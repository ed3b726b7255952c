import { registerDecorator } from 'class-validator';

/** Fewer bytes than this can be guessed, or are a password rather than a secret. */
export const MIN_SECRET_BYTES = 32;

/** Texts that stand in examples all over the world; none of them is a secret. */
const placeholders = /change.?me|changeit|placeholder|your.?secret|secret.?key|super.?secret|password|123456789/i;

export function isPlaceholder(value: string): boolean {
  return placeholders.test(value);
}

/** Whether a text could be a secret at all: long enough, not a placeholder, and not one character over and over. */
export function isSecret(value: unknown): boolean {
  if (typeof value !== 'string' || Buffer.byteLength(value) < MIN_SECRET_BYTES) return false;
  return !isPlaceholder(value) && new Set(value).size >= 10;
}

export const IsSecret = (): PropertyDecorator => (target, property) => {
  registerDecorator({
    name: 'isSecret',
    target: target.constructor,
    propertyName: String(property),
    validator: {
      validate: isSecret,
      defaultMessage: () =>
        `must be a random secret of ${MIN_SECRET_BYTES} bytes or more, not a placeholder (openssl rand -base64 32)`,
    },
  });
};
