import { RouteConfig } from '@nestjs/platform-fastify';

export const JSON_TYPE = 'application/json';
export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Lets a route take form bodies beside JSON. Every other route takes JSON alone. */
export const TakesForms = () => RouteConfig({ bodyTypes: [JSON_TYPE, FORM_TYPE] });

/** The content types that a route takes, from its Fastify configuration. */
export function bodyTypesOf(routeConfig: unknown): readonly string[] {
  const { bodyTypes } = (routeConfig ?? {}) as { bodyTypes?: readonly string[] };
  return bodyTypes ?? [JSON_TYPE];
}
