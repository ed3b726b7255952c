import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { AuthError } from '../errors/auth-error.js';
import { PREFLIGHT_ROUTE } from './cross-origin.js';

interface Route {
  pattern: RegExp;
  methods: Set<string>;
}

/** Answers 405 with `Allow`, rather than 404, where the address exists and only the method does not (RFC 9110 §15.5.6). */
export function refuseOtherMethods(fastify: FastifyInstance): void {
  const routes = new Map<string, Route>();
  fastify.addHook('onRoute', ({ url, method }) => {
    if (url === PREFLIGHT_ROUTE) return;
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    for (const name of [method].flat()) route.methods.add(name);
    routes.set(url, route);
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    const path = request.url.split('?', 1)[0]!;
    const exact = routes.get(path);
    if (!exact && hasEmptyParameter(request.params as object)) {
      done(new AuthError('not_found'));
      return;
    }
    // Asked also where a route with a parameter took it: `PATCH /users/me` is no change of a user called me.
    const isTaken = exact ? exact.methods.has(request.method) : isRouted(request);
    const allowed = isTaken ? [] : methodsAt(path, exact ? [exact] : [...routes.values()]);
    if (allowed.length === 0) done();
    else done(new AuthError('method_not_allowed', { headers: { allow: allowed.join(', ') } }));
  });
}

function isRouted({ is404, routeOptions }: FastifyRequest): boolean {
  return !is404 && routeOptions.url !== PREFLIGHT_ROUTE;
}

/** The router takes an empty segment for a parameter: `/users//logout` names nobody, and leads nowhere. */
function hasEmptyParameter(parameters: object): boolean {
  return Object.entries(parameters).some(([name, value]) => name !== '*' && value === '');
}

function methodsAt(path: string, routes: Route[]): string[] {
  const methods = routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => [...route.methods]);
  return [...new Set(methods)].toSorted();
}

/** The addresses of a route: a `:name` stands for one segment, a `*` for any rest. */
function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((segment) =>
      segment.startsWith(':') ? '[^/]+' : segment.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace('*', '.*'),
    )
    .join('/');
  return new RegExp(`^${source}$`);
}
