// How fast is Recant, beside what is possible? `npm run bench -- --help` says what can be asked; docs/performance.md has the
// answers, and how they are to be read.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { questions } from './questions/index.mjs';
import { cleanUpOnSignals, withCleanup } from './support/cleanup.mjs';
import { planCores } from './support/cores.mjs';
import { openServer } from './support/database.mjs';
import { inTime } from './support/in-time.mjs';
import { machine } from './support/machine.mjs';
import { readOptions, usage, UsageError } from './support/options.mjs';
import { asMarkdownReport, asTerminalReport, isAllMet } from './support/report.mjs';

const RESULTS = new URL('./results/', import.meta.url);
/** For one question beside what its rounds take: a machine that needs longer is not fit to tell. */
const OVERHEAD_LIMIT_SECONDS = 300;
/** No question has more. */
const MAX_SIDES = 4;

/** For people; what is printed on standard output may be read by programs. */
const log = (line) => console.error(line);

async function main() {
  const options = readOptions(process.argv.slice(2), questions);
  if (options.help) {
    console.log(usage(questions));
    return;
  }
  const result = options.from ? JSON.parse(readFileSync(options.from, 'utf8')) : await measureAll(options);
  print(result, options);
  const isIncomplete = result.questions.some(({ error }) => error !== undefined);
  process.exitCode = isIncomplete || (options.check && !isAllMet(result)) ? 1 : 0;
}

async function measureAll(options) {
  const interrupted = cleanUpOnSignals();
  const { seconds, rounds, warmUpSeconds } = options;
  const [plan, on] = [planCores(), machine()];
  return withCleanup(async (cleanup) => {
    const server = await openServer(cleanup);
    const answers = [];
    for (const question of options.questions) {
      log(`\n${question.name}: ${question.asks}`);
      answers.push(await ask(question, { server, plan, timing: { seconds, rounds, warmUpSeconds }, interrupted, log }));
    }
    return save({
      at: new Date().toISOString(),
      machine: on,
      postgres: server.version,
      seconds,
      rounds,
      cores: plan && { ...plan, database: server.pid === null ? null : plan.database },
      questions: answers,
    });
  });
}

/** What goes wrong with one question keeps none of the others from being asked. */
async function ask({ name, asks, isPinned, measure }, bench) {
  try {
    return {
      name,
      asks,
      isPinned,
      ...(await withCleanup((cleanup) => inTime(limitOf(bench.timing), measure({ ...bench, isPinned, cleanup })))),
    };
  } catch (error) {
    if (bench.interrupted.aborted) throw new Error('interrupted', { cause: error });
    log(error.stack);
    return { name, asks, isPinned, sides: [], targets: [], notes: [], error: error.message.split('\n')[0] };
  }
}

function limitOf({ seconds, rounds }) {
  return OVERHEAD_LIMIT_SECONDS + 2 * seconds * (rounds + 1) * MAX_SIDES;
}

function save(result) {
  mkdirSync(RESULTS, { recursive: true });
  const file = new URL(`${result.at.replaceAll(':', '-')}.json`, RESULTS);
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  log(`\nkept in ${file.pathname}\n`);
  return result;
}

function print(result, { json, markdown }) {
  if (json) console.log(JSON.stringify(result, null, 2));
  else console.log(markdown ? asMarkdownReport(result) : asTerminalReport(result));
}

try {
  await main();
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${usage(questions)}` : error.stack);
  process.exitCode = 1;
}
