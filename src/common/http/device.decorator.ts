import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { deviceOf } from './device.js';

/** Where a request comes from, for the list of devices. */
export const FromDevice = createParamDecorator((_: undefined, context: ExecutionContext) =>
  deviceOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
