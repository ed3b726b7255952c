// A process that owns an embedded PostgreSQL, for tests that kill, race or refuse whole processes.
// Arguments: the folder of the compiled module, and the options as JSON. It answers with one line of JSON on standard
// output, then lives until it is killed or its standard input says stop.
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , compiledDir, json] = process.argv;
const { dataDir, surroundings } = JSON.parse(json);
const { startEmbeddedPostgres } = await import(pathToFileURL(join(compiledDir, 'embedded-postgres.js')).href);
const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

try {
  const postgres = await startEmbeddedPostgres({ dataDir, log: (line) => process.stderr.write(line) }, surroundings);
  answer({ connection: postgres.connection, administrator: postgres.administrator });
  await once(process.stdin, 'data');
  await postgres.stop();
  process.exit(0);
} catch (error) {
  answer({ refusal: error.message, errorName: error.name });
  process.exit(1);
}
