// Builds dist/ when a source is newer than the last build, so that `npm start` and `npm test` are each one command
// on a fresh clone and cost nothing (about 20 ms) when there is nothing to do.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const INPUTS = [
  'src',
  'packages',
  'scripts',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.package.json',
  'tsconfig.packages.json',
  'nest-cli.json',
];
/** Below them: what a build or an installation writes. */
const OUTPUTS = ['dist', 'node_modules'];
const PRODUCT = 'dist/main.js';

function newestChange(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const names = readdirSync(path).filter((name) => !OUTPUTS.includes(name));
  // The folder's own time counts too: it moves when a file is taken away.
  return Math.max(stat.mtimeMs, ...names.map((name) => newestChange(join(path, name))));
}

function builtAt() {
  return statSync(PRODUCT, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

if (Math.max(...INPUTS.map(newestChange)) > builtAt()) {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit', shell: true });
  process.exitCode = status ?? 1;
}
