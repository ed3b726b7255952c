import ipaddr from 'ipaddr.js';

/** Bits of an IPv6 address that name a network: whoever has one address of it has all of them. */
const NETWORK_BITS = 64;

/**
 * What is counted for an address: an IPv4 address itself, also one that came spelt as IPv6, and the /64 network of an IPv6
 * one. Of whom no address is known, all are one.
 */
export function addressKey(ip: string | null): string {
  if (ip === null || !ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${NETWORK_BITS}`).toString()}/${NETWORK_BITS}`;
}
