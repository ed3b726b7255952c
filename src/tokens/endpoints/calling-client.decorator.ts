import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type OAuthClient } from './oauth-client.js';

/** The client that the request came from, as a guard has left it. */
export const CallingClient = createParamDecorator(
  (_: undefined, context: ExecutionContext): OAuthClient =>
    context.switchToHttp().getRequest<{ callingClient: OAuthClient }>().callingClient,
);
