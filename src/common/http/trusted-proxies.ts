import proxyAddr from '@fastify/proxy-addr';

/** Whether an address may speak for the one before it. The hop of our peer is 0. */
export type Trust = (address: string, hop: number) => boolean;

/** Of a number of proxies, each is trusted that is no further from us; otherwise those that are named. */
export function trustIn(proxies: string[] | number | undefined): Trust {
  if (typeof proxies === 'number') return (_address, hop) => hop < proxies;
  return proxies === undefined ? () => false : proxyAddr.compile(proxies);
}
