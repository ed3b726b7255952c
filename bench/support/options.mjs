import { parseArgs } from 'node:util';

/** Of each side in each round. Shorter, and a collection of garbage or the compiler's work decides. */
const DEFAULT_SECONDS = 2.5;
const DEFAULT_ROUNDS = 5;
/** Until V8 has compiled what is measured; a short trial run does not wait for it. */
const MAX_WARM_UP_SECONDS = 2;
const MAX_SECONDS = 60;
const MAX_ROUNDS = 50;

/** What was asked for is not possible; its message is for who asked. */
export class UsageError extends Error {}

/**
 * @param {string[]} args of the command line
 * @param {readonly { name: string, asks: string }[]} questions
 */
export function readOptions(args, questions) {
  const { values, positionals } = parsed(args);
  const unknown = positionals.find((name) => !questions.some((question) => question.name === name));
  if (unknown !== undefined) {
    throw new UsageError(`${unknown} is none of ${questions.map(({ name }) => name).join(', ')}`);
  }
  const seconds = within('seconds', values.seconds, 0.1, MAX_SECONDS);
  return {
    ...values,
    seconds,
    rounds: Math.trunc(within('rounds', values.rounds, 1, MAX_ROUNDS)),
    warmUpSeconds: Math.min(seconds, MAX_WARM_UP_SECONDS),
    questions: positionals.length === 0 ? questions : questions.filter(({ name }) => positionals.includes(name)),
  };
}

function parsed(args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        seconds: { type: 'string', default: String(DEFAULT_SECONDS) },
        rounds: { type: 'string', default: String(DEFAULT_ROUNDS) },
        json: { type: 'boolean', default: false },
        markdown: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        from: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(error.message, { cause: error });
  }
}

function within(name, text, least, most) {
  const number = Number(text);
  if (!(number >= least && number <= most)) throw new UsageError(`--${name} must be from ${least} to ${most}`);
  return number;
}

/** @param {readonly { name: string, asks: string }[]} questions */
export function usage(questions) {
  const width = Math.max(...questions.map(({ name }) => name.length));
  return `Usage: npm run bench -- [QUESTION…] [OPTION…]

Questions, all of them when none is named:
${questions.map(({ name, asks }) => `  ${name.padEnd(width)}  ${asks}`).join('\n')}

Options:
  --seconds N   for which each side is measured in each round (${DEFAULT_SECONDS})
  --rounds N    in which the sides take turns (${DEFAULT_ROUNDS})
  --json        prints JSON in place of tables
  --markdown    prints the tables as docs/performance.md has them
  --from FILE   prints an earlier result, and measures nothing
  --check       ends with 1 when a target is missed
  --help        prints this

DATABASE_URL may name a PostgreSQL whose role can make databases; without it, the embedded one is started and thrown away.
Every result is kept under bench/results/. Figures of a machine that does something else meanwhile are noise.`;
}
