// Results as tables: of lines for a terminal, of Markdown for docs/performance.md.

/** @typedef {{ head: string[], rows: string[][] }} Table the first column is text, the others are numbers */

/** @param {object} result of a bench @returns {Table} */
export function measurements({ questions }) {
  return {
    head: ['question', 'side', '1/s (or number)', 'p50 ms', 'p95 ms', 'p99 ms', 'server busy', 'load busy'],
    rows: questions.flatMap(({ name, sides }) =>
      sides.map((side) => [
        name,
        side.name,
        side.perSecond === undefined ? `(${side.count})` : grouped(side.perSecond),
        ...[side.p50, side.p95, side.p99].map(grouped),
        percent(side.serverBusy),
        percent(side.generatorBusy) + (side.isGeneratorBound ? ' (saturated)' : ''),
      ]),
    ),
  };
}

/** @param {object} result of a bench @returns {Table} */
export function targets({ questions }) {
  return {
    head: ['question', 'what', 'measured', 'rounds', 'asked', ''],
    rows: questions.flatMap(({ name, targets: all }) =>
      all.map((each) => [
        name,
        each.name,
        `${grouped(each.value)} ${each.unit}`,
        each.range ? each.range.map(grouped).join(' – ') : '',
        asked(each),
        { true: 'met', false: 'short', null: '' }[each.isMet],
      ]),
    ),
  };
}

function asked({ asked: limits, unit }) {
  if (limits === null) return '';
  return 'atLeast' in limits ? `≥ ${grouped(limits.atLeast)} ${unit}` : `≤ ${grouped(limits.atMost)} ${unit}`;
}

/** With commas between thousands, and fewer digits behind the point the more there are before it. */
function grouped(value) {
  if (value === undefined || value === null) return '';
  return value.toLocaleString('en', { maximumFractionDigits: value >= 100 ? 0 : 3 });
}

function percent(share) {
  return share === undefined || share === null ? '' : `${Math.round(100 * share)} %`;
}

/** @param {Table} table */
export function asText({ head, rows }) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row) =>
    row
      .map((cell, column) => pad(cell, widths[column], column))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

/** The first two columns are names. */
function pad(cell, width, column) {
  return column < 2 ? cell.padEnd(width) : cell.padStart(width);
}

/** @param {Table} table */
export function asMarkdown({ head, rows }) {
  const alignment = head.map((_, column) => (column < 2 ? '---' : '--:'));
  return [head, alignment, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
