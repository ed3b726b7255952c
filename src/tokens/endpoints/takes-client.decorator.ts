import { applyDecorators, UseGuards } from '@nestjs/common';
import { ApiBasicAuth, ApiSecurity } from '@nestjs/swagger';
import { OAuthEndpoint } from '../../common/http/oauth-endpoint.decorator.js';
import { AnyClientGuard } from './any-client.guard.js';
import { ClientGuard } from './client.guard.js';

/** An OAuth endpoint for clients with a secret. */
export const TakesClient = (): MethodDecorator =>
  applyDecorators(OAuthEndpoint(), UseGuards(ClientGuard), ApiBasicAuth('client'));

/** An OAuth endpoint for every client, the first-party one included. */
export const TakesAnyClient = (): MethodDecorator =>
  applyDecorators(
    OAuthEndpoint(),
    UseGuards(AnyClientGuard),
    // Basic, or no header field at all: then the form says who it is.
    ApiBasicAuth('client'),
    ApiSecurity({}),
  );
