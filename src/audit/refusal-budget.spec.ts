import { beforeEach, describe, expect, it } from 'vitest';
import { MOST_OF_ALL, MOST_OF_NETWORK, RefusalBudget } from './refusal-budget.js';

let budget: RefusalBudget;

beforeEach(() => {
  budget = new RefusalBudget();
});

/** How many of so many are admitted. */
function admitted(count: number, addressOf: (n: number) => string | null): number {
  return Array.from({ length: count }, (_, n) => budget.admits(addressOf(n), 'client.refused')).filter(Boolean).length;
}

const eachOfItsOwn = (n: number): string => `${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.1`;

describe('a minute of refusals', () => {
  it.each<[network: string, addressOf: (n: number) => string | null]>([
    ['one address', () => '192.0.2.1'],
    ['a /24 of IPv4, however spelt', (n) => `${n % 2 ? '::ffff:' : ''}192.0.2.${n}`],
    ['a /64 of IPv6', (n) => `2001:db8::${n.toString(16)}`],
    ['all without an address', (n) => (n % 2 ? null : 'none')],
  ])(`admits ${MOST_OF_NETWORK} of a network: %s`, (_, addressOf) => {
    expect(admitted(50, addressOf)).toBe(MOST_OF_NETWORK);
    expect(budget.admits('198.51.100.1', 'client.refused')).toBe(true);
  });

  it('admits another kind from a network that has used up its own of one', () => {
    admitted(50, () => '192.0.2.1');
    expect(budget.admits('192.0.2.1', 'client.refused')).toBe(false);
    expect(budget.admits('192.0.2.1', 'password_change.refused')).toBe(true);
  });

  it(`admits ${MOST_OF_ALL} of all networks together`, () => {
    expect(admitted(MOST_OF_ALL + 10, eachOfItsOwn)).toBe(MOST_OF_ALL);
  });

  it('says at its end how many it has left out, of how many networks, and of which most', () => {
    admitted(MOST_OF_NETWORK + 2, () => '192.0.2.1');
    admitted(MOST_OF_NETWORK + 5, () => '2001:db8::1');
    admitted(MOST_OF_NETWORK + 1, () => null);
    expect(budget.end()).toEqual({ count: 8, networks: 3, busiestNetwork: '2001:db8::/64' });
  });

  it('says nothing at its end when nothing was left out', () => {
    admitted(MOST_OF_NETWORK, () => '192.0.2.1');
    expect(budget.end()).toBeNull();
  });

  it('ends with itself: the next begins with nothing', () => {
    admitted(MOST_OF_NETWORK + 1, () => '192.0.2.1');
    budget.end();
    expect(admitted(MOST_OF_NETWORK, () => '192.0.2.1')).toBe(MOST_OF_NETWORK);
    expect(budget.end()).toBeNull();
  });

  it('tells no more than ten thousand networks apart, and counts what comes from the others', () => {
    const count = 20_000;
    const more = count - MOST_OF_ALL;
    admitted(count, eachOfItsOwn);
    expect(budget.end()).toEqual({ count: more, networks: 10_001, busiestNetwork: 'others' });
  });
});
