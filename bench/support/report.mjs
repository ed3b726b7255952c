import { asMarkdown, asText, measurements, targets } from './table.mjs';

/** On what was measured and how, in a sentence. */
function circumstances(result) {
  const { machine, postgres, seconds, rounds, at } = result;
  return (
    `${at.slice(0, 10)}, commit ${machine.commit}, ${machine.cores} cores (${machine.cpu}), ${machine.memory_gib} GiB, ` +
    `Node ${machine.node}, PostgreSQL ${postgres}; ${rounds} rounds of ${seconds} s for each side; ${places(result)}.`
  );
}

function places({ cores, questions }) {
  const pinned = questions.filter(({ isPinned }) => isPinned).map(({ name }) => name);
  if (!cores || pinned.length === 0) return 'every process on any core';
  const { server, load, database } = cores;
  return `in ${pinned.join(', ')} the server on core ${server}, the load on ${load}, PostgreSQL ${
    database === null ? 'anywhere' : `on ${database}`
  }`;
}

function notes({ questions }) {
  return questions.flatMap(({ name, notes: said = [], error }) =>
    [...said, ...(error ? [`failed: ${error}`] : [])].map((note) => `${name}: ${note}`),
  );
}

/** @param {object} result */
export function asTerminalReport(result) {
  return [asText(measurements(result)), '', asText(targets(result)), '', ...notes(result), circumstances(result)].join(
    '\n',
  );
}

/** As docs/performance.md has it. @param {object} result */
export function asMarkdownReport(result) {
  return [
    asMarkdown(targets(result)),
    '',
    asMarkdown(measurements(result)),
    '',
    ...notes(result).map((note) => `- ${note}`),
    '',
    circumstances(result),
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n');
}

/** Whether everything that was asked for was reached. A target that could not be measured was not. @param {object} result */
export function isAllMet({ questions }) {
  return questions.every(({ error, targets: all }) => error === undefined && all.every(({ isMet }) => isMet !== false));
}
