import { type ExecutionContext } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';

/** A request, and the claims of its token once a guard has found them right. */
export type BearerRequest = FastifyRequest & { user?: unknown };

/** The request of a guard. `switchToHttp()` would make three functions for it, in each guard of each request. */
export function requestOf(context: ExecutionContext): BearerRequest {
  return context.getArgByIndex<BearerRequest>(0);
}
