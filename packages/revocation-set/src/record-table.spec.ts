import { describe, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import { RecordTable } from './record-table.js';
import { newWordHash, type WordHash } from './word-hash.js';

const NOW = 1_800_000_000;
const FOREVER = NOW + 1_000_000;
const EVERYTHING = 2 ** 53;

/** Eight slots of a page, among them its last and first, for all records: long rows, and rows that go round its end. */
const crowded: WordHash = (words, at) =>
  ((0xff00_0000 + ((words[at]! & 7) << 22)) | (words[at + 3]! & 0x3f_ffff)) >>> 0;

function uuids(count: number): string[] {
  return Array.from({ length: count }, () => randomUUID());
}

function forbidden(table: RecordTable, ids: readonly string[], nowSeconds = NOW): number {
  return ids.filter((id) => table.forbids(id, 1, nowSeconds)).length;
}

function pruneAll(table: RecordTable, nowSeconds: number): void {
  for (let index = 0; index < table.pageCount; index++) table.prunePage(index, nowSeconds);
}

describe.each([
  ['a good hash', newWordHash()],
  ['a hash that crowds', crowded],
])('a table of records with %s', (_which, hash) => {
  it.each([[false], [true]])('finds every record while it grows, and no other (cutoffs: %s)', (hasCutoffs) => {
    const table = new RecordTable(hash, { hasCutoffs });
    const ids = uuids(10_000);
    for (const [i, id] of ids.entries()) table.put(id, FOREVER, i + 2);
    expect(table.size).toBe(10_000);
    expect(forbidden(table, ids)).toBe(10_000);
    expect(forbidden(table, uuids(10_000))).toBe(0);
    expect(ids.every((id, i) => table.forbids(id, i + 2, NOW) === !hasCutoffs)).toBe(true);
  });

  it('finds the others when some have been pruned, and gives the memory back when all have', () => {
    const table = new RecordTable(hash, { hasCutoffs: true });
    const [lasting, ending] = [uuids(4000), uuids(8000)];
    for (const [i, id] of lasting.entries()) {
      for (const other of ending.slice(2 * i, 2 * i + 2)) table.put(other, NOW + 10, EVERYTHING);
      table.put(id, FOREVER, 2);
    }
    pruneAll(table, NOW + 9);
    expect(table.size).toBe(12_000);
    pruneAll(table, NOW + 10);
    expect(table.size).toBe(4000);
    expect([forbidden(table, lasting), forbidden(table, ending)]).toEqual([4000, 0]);
    for (let round = 0; round < 20; round++) pruneAll(table, FOREVER);
    expect([table.size, pagesOf(table)]).toEqual([0, 1]);
  });

  it('does not give a record the cutoff of one that was in its slot before', () => {
    const table = new RecordTable(hash, { hasCutoffs: true });
    const [first, second] = [uuids(800), uuids(800)];
    for (const id of first) table.put(id, NOW, EVERYTHING);
    pruneAll(table, NOW);
    for (const id of second) table.put(id, FOREVER, 1);
    expect([table.size, forbidden(table, second)]).toEqual([800, 0]);
  });
});

describe('the pages of a table', () => {
  it('are at least 45 per cent full whatever the number of records, so that 64 bytes for each are kept', () => {
    const table = new RecordTable(newWordHash(), { hasCutoffs: true });
    for (let hundreds = 1; hundreds <= 600; hundreds++) {
      for (const id of uuids(100)) table.put(id, FOREVER, 1);
      const load = table.size / (1024 * pagesOf(table));
      // A small table's pages need not be half a page each: it has one too few or too many.
      expect(load).toBeGreaterThan(hundreds < 200 ? 0.09 : 0.44);
    }
  });

  it('are merged by pruning when they have become empty enough', () => {
    const table = new RecordTable(newWordHash(), { hasCutoffs: false });
    const lasting = uuids(2000);
    for (const id of lasting) table.put(id, FOREVER, EVERYTHING);
    for (const id of uuids(40_000)) table.put(id, NOW, EVERYTHING);
    const before = pagesOf(table);
    for (let round = 0; round < 10; round++) pruneAll(table, NOW);
    expect(before).toBeGreaterThan(45);
    expect(pagesOf(table)).toBeLessThanOrEqual(6);
    expect(forbidden(table, lasting)).toBe(2000);
    // And split again.
    const more = uuids(20_000);
    for (const id of more) table.put(id, FOREVER, EVERYTHING);
    expect(forbidden(table, [...lasting, ...more])).toBe(22_000);
  });

  it('are not merged with one that has been split since: the records of its other half would be lost', () => {
    const byLastWord: WordHash = (words, at) => words[at + 3]!;
    const table = new RecordTable(byLastWord, { hasCutoffs: false });
    const ids = Array.from({ length: 20_000 }, (_, i) => idEndingIn(scrambled(i)));
    const isOdd = (id: string) => Number.parseInt(id.slice(-1), 16) % 2 === 1;
    for (const id of ids) table.put(id, isOdd(id) ? FOREVER : NOW, EVERYTHING);
    for (let round = 0; round < 10; round++) pruneAll(table, NOW);
    const lasting = ids.filter(isOdd);
    expect([table.size, forbidden(table, lasting)]).toEqual([lasting.length, lasting.length]);
  });
});

function scrambled(value: number): number {
  return Math.imul(value + 1, 0x9e37_79b1) >>> 0;
}

function idEndingIn(word: number): string {
  return `00000000-0000-4000-8000-0000${word.toString(16).padStart(8, '0')}`;
}

/** The directory has some of them at several indices. */
function pagesOf(table: RecordTable): number {
  return new Set((table as unknown as { directory: unknown[] }).directory).size;
}
