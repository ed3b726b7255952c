import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

// Real: the documents, and the files that they speak of.
const TEST_FILE = /`((?:src|test|packages)\/[\w./-]+\.spec\.ts)`/g;

const testsOf = (text: string): string[] => [...text.matchAll(TEST_FILE)].map(([, file]) => file!);

describe.each(['SECURITY.md', 'docs/asvs.md'])('%s', (document) => {
  it('names tests that are there', async () => {
    const files = testsOf(await readFile(document, 'utf8'));
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});

describe('docs/asvs.md', () => {
  it('says of every item once how it stands, and of one that is met by which test or document', async () => {
    const rows = (await readFile('docs/asvs.md', 'utf8')).split('\n').filter((line) => /^\| \d/.test(line));
    const items = rows.map((row) => row.split('|').map((cell) => cell.trim()));
    const numbers = items.map(([, number]) => number!);
    expect(new Set(numbers).size).toBe(numbers.length);
    // One row stands for 6.5 and 6.6, one for 6.7, one for 6.8.
    expect(countsOf(numbers)).toEqual({ 6: 32, 7: 19, 9: 7, 10: 16 });
    const unclear = items.filter(([, , , , state, how]) => !/^(met|open|yours|none)$/.test(state!) || how === '');
    expect(unclear).toEqual([]);
  });
});

function countsOf(numbers: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const number of numbers) counts[number.split('.')[0]!] = (counts[number.split('.')[0]!] ?? 0) + 1;
  return counts;
}
