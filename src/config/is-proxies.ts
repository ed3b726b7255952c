import { registerDecorator } from 'class-validator';
import ipaddr from 'ipaddr.js';

/** More proxies in a row are a mistake. */
const MAX_HOPS = 10;

/** How many proxies, or their addresses and networks. Never all of the world: then every client could say where it is. */
export const IsProxies = (): PropertyDecorator => (target, property) => {
  registerDecorator({
    name: 'isProxies',
    target: target.constructor,
    propertyName: String(property),
    validator: {
      validate: areProxies,
      defaultMessage: () => `must be addresses or networks such as 10.0.0.0/8, or a number from 1 to ${MAX_HOPS}`,
    },
  });
};

function areProxies(value: unknown): boolean {
  if (typeof value === 'number') return value >= 1 && value <= MAX_HOPS;
  return Array.isArray(value) && value.length > 0 && value.every(isProxy);
}

function isProxy(value: string): boolean {
  if (ipaddr.isValid(value)) return true;
  return ipaddr.isValidCIDR(value) && ipaddr.parseCIDR(value)[1] > 0;
}
