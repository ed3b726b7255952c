import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/** The verified claims of the token that the request came with, as a guard has left them. */
export const Caller = createParamDecorator(
  (_: undefined, context: ExecutionContext): unknown => context.switchToHttp().getRequest<{ user: unknown }>().user,
);
