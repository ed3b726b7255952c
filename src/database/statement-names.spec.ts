import { describe, expect, it } from 'vitest';
import { StatementNames } from './statement-names.js';

describe('the name of a statement', () => {
  it('is the same for the same text, and for no other', () => {
    const names = new StatementNames();
    expect(names.of('SELECT $1')).toBe(names.of('SELECT $1'));
    expect(names.of('SELECT $1')).not.toBe(names.of('SELECT $1 '));
  });

  it('is the same in every process, so that it stands for no other text behind a pooler', () => {
    const [one, other] = [new StatementNames(), new StatementNames()];
    other.of('SELECT 2, $1');
    expect(one.of('SELECT $1')).toBe(other.of('SELECT $1'));
    expect(one.of('SELECT $1')).toMatch(/^recant_[\w-]{32}$/);
  });

  it('is not given to more texts than the service has, so that texts without end fill no memory', () => {
    const names = new StatementNames();
    const given = Array.from({ length: 300 }, (_, i) => names.of(`SELECT ${i}, $1`));
    expect(given.indexOf(null)).toBe(256);
    expect(names.of('SELECT 0, $1')).toBe(given[0]);
  });
});
