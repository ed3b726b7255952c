import { createParamDecorator, type ExecutionContext, ValidationPipe } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { AuthError } from '../errors/auth-error.js';

/**
 * Makes the DTO of an OAuth request. RFC 6749 §3.2: parameters that are not known are ignored, and those without a value
 * are as if they had not been sent; the pipe of all other routes refuses both.
 */
class OAuthParametersPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      transform: true,
      stopAtFirstError: true,
      // What comes from a decorator of ours is not looked at otherwise.
      validateCustomDecorators: true,
      exceptionFactory: (errors) =>
        new AuthError('invalid_request', {
          errors: errors.map(({ property }) => ({ field: property, message: `${property} is missing` })),
        }),
    });
  }
}

const SentParameters = createParamDecorator((_: undefined, context: ExecutionContext) => {
  const { body } = context.switchToHttp().getRequest<FastifyRequest>();
  return Object.fromEntries(
    Object.entries(body ?? {}).filter(([name, value]) => value !== '' && !isOfEveryObject(name)),
  );
});

/** Such as `constructor`: no name of a parameter, and not to be left in an object that others look at. */
function isOfEveryObject(name: string): boolean {
  return name in Object.prototype;
}

/**
 * The parameters of a request to an OAuth endpoint, as the DTO names them. Forms have texts alone, so nothing can be
 * wrong with a parameter but that it is missing. OpenAPI does not see it: say `@ApiBody()` too.
 */
export const OAuthParameters = (): ParameterDecorator => SentParameters(new OAuthParametersPipe());
