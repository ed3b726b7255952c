import { isIP } from 'node:net';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';

/** Longer names of browsers are cut; they are shown to people, nothing decides by them. */
const MAX_USER_AGENT_LENGTH = 512;

/** Where a request comes from, for the list of devices. */
export const FromDevice = createParamDecorator((_: undefined, context: ExecutionContext) => {
  const { headers, ip } = context.switchToHttp().getRequest<FastifyRequest>();
  // A link-local address carries the name of an interface, which is no part of an address elsewhere.
  const address = ip.split('%', 1)[0]!;
  return {
    userAgent: headers['user-agent']?.slice(0, MAX_USER_AGENT_LENGTH) ?? null,
    ip: isIP(address) ? address : null,
  };
});
