import { describe, expect, it } from 'vitest';
import { type RevocationRecord } from './revocation-record.js';
import { RevocationSet } from './revocation-set.js';
import { type RevocableClaims } from './revocable-claims.js';

// Laws for any records in any order, beside a map that is too slow and too large but plain.

const NOW = 1_800_000_000;
const SEEDS = Array.from({ length: 25 }, (_, i) => [i + 1]);

type Random = (limit: number) => number;

/** Numbers below `limit`, the same ones for the same seed, so that a failure can be repeated (mulberry32). */
function seeded(seed: number): Random {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** Few, so that records meet; with the same digits at every level. */
function anId(random: Random): string {
  return `00000000-0000-4000-8000-${random(3000).toString(16).padStart(12, '0')}`;
}

/** Of every size up to the largest that a number holds exactly; of level `all` low ones, or nothing would pass. */
function aNumber(random: Random): number {
  return (1 + random(7)) * 2 ** random(50);
}

function aRecord(random: Random): RevocationRecord {
  const expiresAtSeconds = NOW + random(100);
  const level = (['token', 'session', 'user'] as const)[random(3)]!;
  if (random(500) === 0) return { level: 'all', target: '', cutoff: 1 + random(4), expiresAtSeconds };
  if (random(500) === 0) return { level: 'key', target: `k${random(8)}`, cutoff: null, expiresAtSeconds };
  return { level, target: anId(random), cutoff: level === 'user' ? aNumber(random) : null, expiresAtSeconds };
}

function someClaims(random: Random): RevocableClaims {
  const sid = random(5) === 0 ? {} : { sid: anId(random) };
  return { jti: anId(random), ...sid, sub: anId(random), seq: aNumber(random), kid: `k${random(12)}` };
}

class PlainSet {
  private readonly records = new Map<string, RevocationRecord>();

  apply(record: RevocationRecord): void {
    const name = `${record.level} ${record.target}`;
    const { cutoff, expiresAtSeconds } = this.records.get(name) ?? record;
    this.records.set(name, {
      ...record,
      cutoff: record.cutoff === null ? null : Math.max(record.cutoff, cutoff!),
      expiresAtSeconds: Math.max(record.expiresAtSeconds, expiresAtSeconds),
    });
  }

  forbids({ jti, sid, sub, seq, kid }: RevocableClaims, nowSeconds: number): boolean {
    return [`token ${jti}`, `session ${sid}`, `user ${sub}`, 'all ', `key ${kid}`].some((name) => {
      const record = this.records.get(name);
      return record && record.expiresAtSeconds > nowSeconds && (record.cutoff === null || record.cutoff > seq);
    });
  }

  prune(nowSeconds: number): void {
    for (const [name, { expiresAtSeconds }] of this.records)
      if (expiresAtSeconds <= nowSeconds) this.records.delete(name);
  }

  get size(): number {
    return this.records.size;
  }
}

function shuffled<T>(values: readonly T[], random: Random): T[] {
  return values
    .map((value) => ({ value, place: random(2 ** 32) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ value }) => value);
}

function answers(
  set: Pick<RevocationSet, 'forbids'>,
  claims: readonly RevocableClaims[],
  nowSeconds: number,
): boolean[] {
  return claims.map((each) => set.forbids(each, nowSeconds));
}

function applyAll(records: readonly RevocationRecord[]): RevocationSet {
  const set = new RevocationSet();
  for (const record of records) set.apply(record);
  return set;
}

describe.each(SEEDS)('the revocation set, with the records of seed %i,', (seed) => {
  const random = seeded(seed);
  const records = Array.from({ length: 6000 }, () => aRecord(random));
  const claims = Array.from({ length: 1000 }, () => someClaims(random));

  it('answers the same in whatever order they are applied, and however often', () => {
    const inOrder = applyAll(records);
    const otherwise = applyAll(shuffled([...records, ...records.slice(0, 3000)], random));
    expect(otherwise.size).toBe(inOrder.size);
    for (const now of [NOW, NOW + 50, NOW + 99])
      expect(answers(otherwise, claims, now)).toEqual(answers(inOrder, claims, now));
  });

  it('answers as a plain map does, while records come', () => {
    const [set, plain] = [new RevocationSet(), new PlainSet()];
    for (let from = 0; from < records.length; from += 500) {
      for (const record of records.slice(from, from + 500)) {
        set.apply(record);
        plain.apply(record);
      }
      expect(answers(set, claims, NOW)).toEqual(answers(plain, claims, NOW));
    }
    expect(set.size).toBe(plain.size);
  });

  // Told again only while they last: an expired cutoff forbids nothing that has not expired, so nobody has to say whether
  // it comes back to life with a later record.
  it('answers as a plain map does, while records expire, are pruned and are told again', () => {
    const [set, plain] = [applyAll(records), new PlainSet()];
    for (const record of records) plain.apply(record);
    for (let now = NOW; now < NOW + 100; now += 5) {
      set.prune(now, 5);
      for (const record of records) if (record.expiresAtSeconds > now && random(3) === 0) set.apply(record);
      expect(answers(set, claims, now)).toEqual(answers(plain, claims, now));
    }
    for (let round = 0; round < 10; round++) set.prune(NOW + 95, 10);
    plain.prune(NOW + 95);
    expect(set.size).toBe(plain.size);
  });
});
