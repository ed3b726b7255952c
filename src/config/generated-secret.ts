import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newSecret } from '../common/random.js';
import { ConfigurationError } from './configuration-error.js';

/**
 * The encryption secret of a service that was given none: made once, kept under DATA_DIR, readable by its owner alone.
 * For development; production is never given one.
 */
export function generatedSecret(dataDir: string): string {
  const file = join(dataDir, 'encryption-secret');
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    createOnce(file, newSecret());
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigurationError([`DATA_DIR cannot be used: ${(error as Error).message}`]);
  }
}

/** Written whole under another name first: of two processes that start at once, neither reads half a secret. */
function createOnce(file: string, content: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
