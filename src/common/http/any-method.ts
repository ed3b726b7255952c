import { METHODS } from 'node:http';
import { type OpenAPIObject } from '@nestjs/swagger';
import { type FastifyInstance } from 'fastify';

/**
 * In the OpenAPI document, of an operation that takes any method, and any address below its own. The document has no words
 * for that, so it is told as GET, with this extension.
 */
export const ANY_METHOD_AND_BELOW = 'x-any-method-and-below';

/** Leaves of such operations the one that stands for all. */
export function tellAnyMethodOnce({ paths }: OpenAPIObject): void {
  for (const [path, { get }] of Object.entries(paths)) {
    if (!get || !(ANY_METHOD_AND_BELOW in get)) continue;
    if (path.endsWith('/{path}')) delete paths[path];
    else paths[path] = { get };
  }
}

/**
 * Lets routes for any method take those too that Fastify does not know of itself. CONNECT is none of them: Node makes no
 * request of it.
 */
export function knowEveryMethod(fastify: FastifyInstance): void {
  const unknown = METHODS.filter((method) => method !== 'CONNECT' && !fastify.supportedMethods.includes(method));
  for (const method of unknown) fastify.addHttpMethod(method, { hasBody: true });
}
