import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from './configuration-error.js';
import { readEnvironment } from './read-environment.js';

const SECRET = 'Zm9ydHktZm91ciBjaGFyYWN0ZXJzIG9mIGJhc2U2NA==';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recant-environment-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (variables: Record<string, string> = {}) =>
  readEnvironment({ ENCRYPTION_SECRET: SECRET, DATA_DIR: folder, ...variables });

function faultsOf(variables: Record<string, string>): readonly string[] {
  try {
    read(variables);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

describe('the environment', () => {
  it.each([
    ['PORT', '70000'],
    ['PORT', '30.5'],
    ['NODE_ENV', 'staging'],
    ['DATABASE_URL', 'mysql://root@localhost/test'],
    ['REVOCATION_STALENESS_MS', '499'],
    ['REVOCATION_STALENESS_MS', '60001'],
    ['DATABASE_POOL_SIZE', '0'],
    ['DATABASE_SSL', 'yes'],
    ['EMBEDDED_DATABASE', 'perhaps'],
    ['ISSUER', 'recant.example'],
    ['ISSUER', 'https://recant.example/'],
    ['ISSUER', 'https://recant.example?a=b'],
    ['AUDIENCE', ','],
    ['ACCESS_TOKEN_TTL_SECONDS', '5'],
    ['REFRESH_RETRY_WINDOW_SECONDS', '-1'],
    ['ENCRYPTION_SECRET', 'too short'],
    ['ENCRYPTION_SECRET', 'change-me-change-me-change-me-change-me'],
    ['ENCRYPTION_SECRET', 'a'.repeat(64)],
    ['LOG_LEVEL', 'loud'],
    ['PASSWORD_MIN_LENGTH', '4'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'null'],
    ['CORS_ORIGINS', 'https://app.example/'],
    ['CORS_ORIGINS', 'https://App.example'],
    ['CORS_ORIGINS', 'https://app.example:443'],
    ['CORS_ORIGINS', 'https://app.example,file:///tmp'],
  ])('refuses %s=%s and names the variable', (name, value) => {
    expect(faultsOf({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name} must `))]);
  });

  it('names all faults at once', () => {
    expect(faultsOf({ PORT: 'x', LOG_LEVEL: 'x', ADMIN_USERNAME: 'root' })).toHaveLength(3);
  });

  it('has a default for every variable, with the issuer following the port', () => {
    expect(read({ PORT: '4000' })).toMatchObject({
      issuer: 'http://localhost:4000',
      audience: ['recant'],
      host: '127.0.0.1',
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(read({ PORT: '', DATABASE_URL: '' })).toMatchObject({ port: 3000, databaseUrl: undefined });
  });

  it('refuses an address to listen at without one to work with, or that is none', () => {
    const url = 'postgres://recant:s0mething-l0ng@db/recant';
    expect(read({ DATABASE_URL: url, DATABASE_LISTEN_URL: url }).databaseListenUrl).toBe(url);
    expect(faultsOf({ DATABASE_LISTEN_URL: url })).toEqual([expect.stringContaining('DATABASE_LISTEN_URL is for')]);
    for (const wrong of ['mysql://db/recant', 'postgres://recant:%zz@db/recant']) {
      const faults = faultsOf({ DATABASE_URL: url, DATABASE_LISTEN_URL: wrong });
      expect(faults).toEqual([expect.stringMatching(/^DATABASE_LISTEN_URL /)]);
    }
  });

  it('is frozen', () => {
    expect(Object.isFrozen(read())).toBe(true);
  });
});

describe('a secret', () => {
  it('can be in a file, whose last line feed is no part of it', () => {
    const file = join(folder, 'secret');
    writeFileSync(file, `${SECRET}\n`);
    expect(readEnvironment({ DATA_DIR: folder, ENCRYPTION_SECRET_FILE: file }).encryptionSecret).toBe(SECRET);
  });

  it('is refused when the variable and the file are both set, and when the file is missing', () => {
    expect(faultsOf({ ENCRYPTION_SECRET_FILE: join(folder, 'secret') })).toEqual([
      'ENCRYPTION_SECRET and ENCRYPTION_SECRET_FILE are both set; set one',
      expect.stringContaining('ENCRYPTION_SECRET_FILE: ENOENT'),
    ]);
  });

  it('is generated outside production, once, and readable by its owner alone', () => {
    const first = readEnvironment({ DATA_DIR: folder }).encryptionSecret;
    const file = join(folder, 'encryption-secret');
    expect(readEnvironment({ DATA_DIR: folder }).encryptionSecret).toBe(first);
    expect(readFileSync(file, 'utf8')).toBe(first);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is never generated in production, where nothing is made up', () => {
    const faults = faultsOf({
      NODE_ENV: 'production',
      ENCRYPTION_SECRET: '',
      ADMIN_USERNAME: 'root',
      ADMIN_PASSWORD: 'changeme-1',
    });
    expect(faults).toEqual([
      expect.stringMatching(/^ENCRYPTION_SECRET is missing/),
      expect.stringMatching(/^DATABASE_URL is missing/),
      expect.stringMatching(/^ADMIN_PASSWORD is a placeholder/),
    ]);
  });
});
