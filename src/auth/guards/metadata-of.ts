import { type ExecutionContext } from '@nestjs/common';
import { type Reflector } from '@nestjs/core';

/** What a decorator says of a route: the handler's word goes before its controller's. */
export function metadataOf(reflector: Reflector, key: string, context: ExecutionContext): unknown {
  return reflector.getAllAndOverride<unknown>(key, [context.getHandler(), context.getClass()]);
}
