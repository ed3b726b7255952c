import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import { type ValidationError } from 'class-validator';
import { AuthError, type FieldError } from '../errors/auth-error.js';

/** Makes the DTO of a body, a query or a parameter; refuses wrong fields and unknown ones, each by name. */
@Injectable()
export class StrictValidationPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      transform: true,
      stopAtFirstError: true,
      exceptionFactory: (errors) => refusalOf(errors.map(fieldError)),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const hidden = metadata.type === 'custom' ? [] : namesOfEveryObject(value);
    if (hidden.length > 0) throw refusalOf(hidden.map(unknownField));
    return super.transform(value, metadata) as Promise<unknown>;
  }
}

/**
 * Fields such as `constructor` and `toString`: class-validator looks names up in a plain object, where these are always
 * found, and so takes them for known. And `prototype`, which Nest takes out before anybody could refuse it.
 */
function namesOfEveryObject(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).filter((name) => name in Object.prototype || name === 'prototype');
}

function fieldError({ property, constraints = {} }: ValidationError): FieldError {
  if ('whitelistValidation' in constraints) return unknownField(property);
  return { field: property, message: Object.values(constraints)[0] ?? `${property} is wrong` };
}

function unknownField(field: string): FieldError {
  return { field, message: `${field} is not a known field` };
}

function refusalOf(errors: FieldError[]): AuthError {
  return new AuthError('validation_failed', { errors });
}
