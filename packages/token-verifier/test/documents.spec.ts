import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

// Real: the compiler, and the options of this checkout.
const home = join(import.meta.dirname, '..');

// The compiler reads all of Nest for it.
it('has examples that compile, in its README and beside every public name', { timeout: 120_000 }, () => {
  const sources = readdirSync(join(home, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const files = [...sources.map((name) => join('src', name)), 'README.md'];
  const examples = files.flatMap((file) => examplesIn(readFileSync(join(home, file), 'utf8'), file));
  expect(examples.length).toBeGreaterThanOrEqual(6);
  expect(faultsOf(examples)).toEqual([]);
});

interface Example {
  file: string;
  code: string;
}

function examplesIn(text: string, file: string): Example[] {
  const blocks = text.matchAll(/```ts\n(.*?)```/gs);
  return [...blocks].map(([, code]) => ({ file, code: code!.replaceAll(/^ *\* ?/gm, '') }));
}

/** Compiled where the package's own name leads to it. */
function faultsOf(examples: Example[]): string[] {
  // Not below packages/: a change there is one of the sources, for which the next `npm start` would build everything.
  const ours = join(home, '../../.build');
  mkdirSync(ours, { recursive: true });
  const folder = mkdtempSync(join(ours, 'examples-'));
  try {
    const files = examples.map(({ file, code }, n) => {
      const path = join(folder, `${n}-${file.replaceAll(/\W/g, '-')}.ts`);
      writeFileSync(path, `${code}\nexport {};\n`);
      return path;
    });
    const { config } = ts.readConfigFile(join(home, '../../tsconfig.json'), (path) => ts.sys.readFile(path));
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, join(home, '../..'));
    const program = ts.createProgram(files, { ...options, noEmit: true, noUnusedLocals: false });
    return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
      return `${file?.fileName.split('/').at(-1) ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
