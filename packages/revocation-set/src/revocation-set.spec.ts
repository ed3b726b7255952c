import { describe, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import { type RevocationRecord } from './revocation-record.js';
import { RevocationSet } from './revocation-set.js';
import { type RevocableClaims } from './revocable-claims.js';

const NOW = 1_800_000_000;

function someClaims(overrides: Partial<RevocableClaims> = {}): RevocableClaims {
  return { jti: randomUUID(), sid: randomUUID(), sub: randomUUID(), seq: 100, kid: 'k1', ...overrides };
}

function aRecord(overrides: Partial<RevocationRecord> = {}): RevocationRecord {
  return { level: 'token', target: randomUUID(), cutoff: null, expiresAtSeconds: NOW + 60, ...overrides };
}

function aSetOf(...records: RevocationRecord[]): RevocationSet {
  const set = new RevocationSet();
  for (const record of records) set.apply(record);
  return set;
}

/** The record that forbids these claims at a level. */
function recordAgainst({ jti, sid, sub, seq, kid }: RevocableClaims, level: RevocationRecord['level']) {
  const target = { token: jti, session: sid!, user: sub, all: '', key: kid }[level];
  return aRecord({ level, target, cutoff: level === 'user' || level === 'all' ? seq + 1 : null });
}

const LEVELS = ['token', 'session', 'user', 'all', 'key'] as const;

describe('the revocation set', () => {
  it.each(LEVELS)('forbids what a record of level %s forbids, until it expires', (level) => {
    const claims = someClaims();
    const set = aSetOf(recordAgainst(claims, level));
    expect(set.forbids(claims, NOW)).toBe(true);
    expect(set.forbids(claims, NOW + 59.9)).toBe(true);
    expect(set.forbids(claims, NOW + 60)).toBe(false);
  });

  it.each(LEVELS)('forbids nothing else for a record of level %s', (level) => {
    const claims = someClaims();
    const set = aSetOf(recordAgainst(claims, level));
    const others = { jti: randomUUID(), sid: randomUUID(), sub: randomUUID(), kid: 'k2' };
    // Issued after the cutoff, and with every id but its own exchanged between the claims: an id counts at its own level.
    expect(set.forbids({ ...others, seq: claims.seq + 1 }, NOW)).toBe(false);
    const { jti, sid, sub } = claims;
    const exchanged = { jti: sid!, sid: sub, sub: jti, seq: claims.seq + 1, kid: 'k2' };
    expect(set.forbids(exchanged, NOW)).toBe(false);
  });

  it.each(['user', 'all'] as const)('forbids at level %s what was issued before the cutoff alone', (level) => {
    const claims = someClaims();
    const set = aSetOf({ ...recordAgainst(claims, level), cutoff: 2 ** 40 });
    const forbidden = [0, 2 ** 32, 2 ** 40 - 1, 2 ** 40, 2 ** 53 - 1].map((seq) =>
      set.forbids({ ...claims, seq }, NOW),
    );
    expect(forbidden).toEqual([true, true, true, false, false]);
  });

  it.each(['user', 'all'] as const)('forbids everything at level %s where there is no cutoff', (level) => {
    const claims = someClaims({ seq: Number.MAX_SAFE_INTEGER });
    expect(aSetOf({ ...recordAgainst(claims, level), cutoff: null }).forbids(claims, NOW)).toBe(true);
  });

  it('forbids a token without a session, as a client has it, like any other', () => {
    const { sid: _sid, ...claims } = someClaims();
    expect(aSetOf(aRecord()).forbids(claims, NOW)).toBe(false);
    expect(aSetOf(aRecord({ target: claims.jti })).forbids(claims, NOW)).toBe(true);
  });

  it('knows an id in any spelling', () => {
    const claims = someClaims();
    const set = aSetOf(aRecord({ target: claims.jti.toUpperCase() }));
    expect(set.forbids(claims, NOW)).toBe(true);
  });

  it('keeps a record at least as long as it says', () => {
    const claims = someClaims();
    const until = (expiresAtSeconds: number) => aSetOf(aRecord({ target: claims.jti, expiresAtSeconds }));
    expect(until(NOW + 0.5).forbids(claims, NOW)).toBe(true);
    expect(until(2 ** 33).forbids(claims, 2 ** 32 - 2)).toBe(true);
  });

  it.each([
    ['a target that is no UUID', aRecord({ target: 'x' })],
    ['an expiry that is no number', aRecord({ expiresAtSeconds: NaN })],
    ['an expiry that is missing', aRecord({ expiresAtSeconds: undefined })],
    ['a cutoff that is no number', aRecord({ level: 'user', cutoff: NaN })],
    ['a cutoff that is too large to be exact', aRecord({ level: 'user', cutoff: 2 ** 53 })],
    ['a negative cutoff', aRecord({ level: 'user', cutoff: -1 })],
    ['an unknown level', aRecord({ level: 'tenant' as 'user' })],
  ])('refuses %s and says so: it must not get lost', (_what, record) => {
    const set = new RevocationSet();
    expect(() => set.apply(record)).toThrow(RangeError);
    expect(set.size).toBe(0);
  });

  it('forgets expired records of every level by and by, and only them', () => {
    const lasting = LEVELS.map((level) => [level, someClaims({ kid: level })] as const);
    const set = aSetOf(...lasting.map(([level, claims]) => recordAgainst(claims, level)));
    for (let i = 0; i < 3000; i++) {
      set.apply(aRecord({ level: (['token', 'session', 'user'] as const)[i % 3], expiresAtSeconds: NOW - 1 }));
    }
    set.apply(aRecord({ level: 'key', target: 'old', expiresAtSeconds: NOW - 1 }));
    let pruned = 0;
    for (let call = 0; call < 20; call++) pruned += set.prune(NOW, 1);
    expect([pruned, set.size]).toEqual([3001, LEVELS.length]);
    for (const [, claims] of lasting) expect(set.forbids(claims, NOW)).toBe(true);
    for (let call = 0; call < 20; call++) set.prune(NOW + 60, 1);
    expect(set.size).toBe(0);
  });

  it('looks at no more pages in one call than it was told', () => {
    const set = aSetOf(...Array.from({ length: 20_000 }, () => aRecord({ expiresAtSeconds: NOW })));
    expect(set.prune(NOW, 1)).toBeLessThan(1000);
    expect(set.size).toBeGreaterThan(19_000);
  });
});
