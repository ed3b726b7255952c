import { isIP } from 'node:net';
import { type FastifyRequest } from 'fastify';

/** Longer names of browsers are cut; they are shown to people, nothing decides by them. */
const MAX_USER_AGENT_LENGTH = 512;

/** Where a request comes from: the address that the trusted proxies tell, null when the connection has none. */
export function deviceOf({ headers, ip }: Pick<FastifyRequest, 'headers' | 'ip'>): {
  userAgent: string | null;
  ip: string | null;
} {
  // A link-local address carries the name of an interface, which is no part of an address elsewhere.
  const address = ip.split('%', 1)[0]!;
  return {
    userAgent: headers['user-agent']?.slice(0, MAX_USER_AGENT_LENGTH) ?? null,
    ip: isIP(address) ? address : null,
  };
}
