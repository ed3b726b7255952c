import { type ExecutionContext, type Type } from '@nestjs/common';
import { type Reflector } from '@nestjs/core';

type Handler = ReturnType<ExecutionContext['getHandler']>;

/** What was found, by the key and the handler; of a controller, since two may have inherited one handler. */
const known = new Map<string, WeakMap<Handler, { controller: Type; value: unknown }>>();

/**
 * What a decorator says of a route: the handler's word goes before its controller's. Looked up once for a route, since
 * decorators have spoken before the first request, and what is not there takes longest to look for.
 */
export function metadataOf(reflector: Reflector, key: string, context: ExecutionContext): unknown {
  const [handler, controller] = [context.getHandler(), context.getClass()];
  const before = known.get(key)?.get(handler);
  if (before?.controller === controller) return before.value;
  const value = reflector.getAllAndOverride<unknown>(key, [handler, controller]);
  if (!known.has(key)) known.set(key, new WeakMap());
  known.get(key)!.set(handler, { controller, value });
  return value;
}
