import { describe, expect, it } from 'vitest';
import { compare, target } from './outcome.mjs';
import { asMarkdownReport, asTerminalReport, isAllMet } from './report.mjs';

const aRun = (perSecond) => ({ latencies: new Float64Array(perSecond).fill(0.5), seconds: 1 });
const sides = [{ name: 'ours' }, { name: 'bare' }];

function aResult(question) {
  return {
    at: '2026-01-02T03:04:05.000Z',
    machine: { cores: 2, cpu: 'x', memory_gib: 8, node: 'v20', commit: 'abc' },
    postgres: '18.1',
    seconds: 3,
    rounds: 1,
    cores: null,
    questions: [{ name: 'guard', isPinned: true, sides: [], targets: [], notes: [], ...question }],
  };
}

const compared = compare(
  sides,
  [[aRun(1200)], [aRun(2000)]],
  [
    { name: 'ours / bare', of: 'ours', against: 'bare', atLeast: 0.5 },
    { name: 'bare / ours', of: 'bare', against: 'ours', atLeast: 2 },
    { name: 'of interest', of: 'bare', against: 'ours' },
  ],
);

describe('a report', () => {
  it('says of each target whether it is met, and of none where nothing was asked', () => {
    const text = asTerminalReport(aResult(compared));
    expect(text).toMatch(/ours \/ bare +0.6 times +0.6 – 0.6 +≥ 0.5 times +met/);
    expect(text).toMatch(/bare \/ ours +1.667 times +1.667 – 1.667 +≥ 2 times +short/);
    expect(text).toMatch(/of interest +1.667 times +1.667 – 1.667$/m);
    expect(text).toContain('2026-01-02, commit abc, 2 cores (x), 8 GiB, Node v20, PostgreSQL 18.1');
  });

  it('as Markdown has the same lines', () => {
    const text = asMarkdownReport(aResult(compared));
    expect(text).toContain('| guard | ours / bare | 0.6 times | 0.6 – 0.6 | ≥ 0.5 times | met |');
    expect(text).toContain('| guard | ours | 1,200 | 0.5 | 0.5 | 0.5 |  |  |');
  });

  it('names what failed, which is not met either', () => {
    const result = aResult({ error: 'it broke' });
    expect(asTerminalReport(result)).toContain('guard: failed: it broke');
    expect(isAllMet(result)).toBe(false);
  });
});

describe('a check', () => {
  const asked = { atMost: 20 };
  it.each([
    [target('p99', 20, 'ms', asked), true],
    [target('p99', 20.001, 'ms', asked), false],
    [target('p99', 5000, 'ms', null), true],
  ])('of %o: %s', (each, expected) => {
    expect(isAllMet(aResult({ targets: [each] }))).toBe(expected);
  });
});
