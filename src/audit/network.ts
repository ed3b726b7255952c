import ipaddr from 'ipaddr.js';

/** Bits of an address that name a network: what one landlord gives to one tenant, or a little more. */
const NETWORK_BITS = { ipv4: 24, ipv6: 64 } as const;

/** An address in the one spelling, an IPv4 address also when it came as IPv6; null for what is none. */
export function canonicalAddress(ip: string | null): string | null {
  return ip !== null && ipaddr.isValid(ip) ? ipaddr.process(ip).toString() : null;
}

/** The network of an address. Of whom no address is known, all are one. */
export function networkOf(ip: string | null): string {
  if (ip === null || !ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  const bits = NETWORK_BITS[address.kind()];
  const kind = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${kind.networkAddressFromCIDR(`${address.toString()}/${bits}`).toString()}/${bits}`;
}
