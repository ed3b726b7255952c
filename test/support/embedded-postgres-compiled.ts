import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import ts from 'typescript';

const SOURCE = resolve('src/database/embedded-postgres');

/**
 * The module as JavaScript, for plain node processes. Made from the sources as they are now, so a test can neither pass
 * nor fail because of an old build. It lies inside the checkout, where `pg` is found.
 */
export function compileEmbeddedPostgres(): { folder: string; remove: () => void } {
  mkdirSync('.build', { recursive: true });
  const folder = mkdtempSync(resolve('.build', 'embedded-postgres-'));
  for (const name of readdirSync(SOURCE).filter((file) => file.endsWith('.ts'))) {
    const { outputText } = ts.transpileModule(readFileSync(join(SOURCE, name), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    });
    writeFileSync(join(folder, name.replace(/\.ts$/, '.js')), outputText, { mode: 0o644 });
  }
  // mkdtemp makes it 0700; a test that runs as another user must come in.
  chmodSync(folder, 0o755);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
