import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyRequest } from 'fastify';

/** What pages of other origins may send, and what of an answer their scripts may read (Fetch Standard, CORS protocol). */
const SHARED = {
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: ['Authorization', 'Content-Type', 'If-None-Match', 'Last-Event-ID'],
  exposedHeaders: ['ETag', 'RateLimit', 'RateLimit-Policy', 'Retry-After', 'WWW-Authenticate', 'X-Request-Id'],
  // Tokens are sent by scripts, and never by a browser of its own accord.
  credentials: false,
  /** Seconds for which a browser may remember the answer. */
  maxAge: 600,
};

/** The address of the route that `@fastify/cors` adds for preflights. */
export const PREFLIGHT_ROUTE = '*';

/** Lets pages of these origins read our answers. For others nothing changes: they are answered without the fields. */
export function allowCrossOrigin(app: NestFastifyApplication, origins: readonly string[]): void {
  app.enableCors({
    delegator: (request, choose) => {
      const { origin } = request.headers;
      const isAllowed = origin !== undefined && origins.includes(origin) && !isOrdinaryOptions(request);
      choose(null, { ...SHARED, origin: isAllowed && origin });
    },
  });
}

/** An OPTIONS that asks for no permission, or of a route that takes every method and answers it itself. */
function isOrdinaryOptions({ method, headers, routeOptions }: FastifyRequest): boolean {
  if (method !== 'OPTIONS') return false;
  return headers['access-control-request-method'] === undefined || routeOptions.url !== PREFLIGHT_ROUTE;
}
