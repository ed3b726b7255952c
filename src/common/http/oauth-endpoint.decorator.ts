import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiConsumes } from '@nestjs/swagger';
import { type FastifyRequest } from 'fastify';
import { Public } from './public.decorator.js';
import { FORM_TYPE } from './takes-forms.decorator.js';

/**
 * A route of OAuth: bodies are forms alone (RFC 6749 §3.2), refusals have OAuth's shape, and callers are clients with a
 * secret, whom the guards for Bearer tokens do not know.
 */
export const OAuthEndpoint = (): MethodDecorator =>
  applyDecorators(Public(), RouteConfig({ bodyTypes: [FORM_TYPE], refusesAsOAuth: true }), ApiConsumes(FORM_TYPE));

/** Whether a request was routed to such a route. */
export function refusesAsOAuth({ routeOptions }: FastifyRequest): boolean {
  const config = routeOptions?.config as { refusesAsOAuth?: boolean } | undefined;
  return config?.refusesAsOAuth === true;
}
