import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// A build holds 1.4 GB at its fullest. In memory it takes half the time, which goes into 20,000 small files come and gone.
const IN_MEMORY_BYTES = 3 * 1024 ** 3;

/** Gives a folder to work in, in memory where there is enough of it, and takes it away again whatever happens. */
export async function withWorkFolder(body) {
  const folder = mkdtempSync(join(tmpdir(), 'recant-image-'));
  const isInMemory = process.availableMemory() > 2 * IN_MEMORY_BYTES;
  if (isInMemory) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${IN_MEMORY_BYTES}`, 'recant-image', folder]);
  // PostgreSQL's unprivileged user has to pass through.
  chmodSync(folder, 0o755);
  try {
    return await body(folder);
  } finally {
    if (isInMemory) execFileSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}
