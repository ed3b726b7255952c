import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyRequest } from 'fastify';

/** Lets a route take any body, of any type, coding and size, and read nothing of it. */
export const IgnoresBody = () => RouteConfig({ ignoresBody: true });

/** Whether a request was routed to such a route. */
export function ignoresBody({ routeOptions }: FastifyRequest): boolean {
  return (routeOptions.config as { ignoresBody?: boolean }).ignoresBody === true;
}
