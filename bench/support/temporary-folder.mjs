import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that is gone with the cleanup. @param {import('./cleanup.mjs').Cleanup} cleanup */
export function temporaryFolder(cleanup) {
  const folder = mkdtempSync(join(tmpdir(), 'recant-bench-'));
  // Started as root, the embedded PostgreSQL runs as another user, who must get to its folder.
  chmodSync(folder, 0o711);
  cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
