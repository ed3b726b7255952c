import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApiClient } from '../support/api-client.js';
import { cloneDatabase, type TestDatabase } from '../support/database.js';
import { testVariables } from '../support/environment.js';
import { aPassword, aUsername } from '../support/given.js';
import { letKeysAge } from '../support/letting-keys-age.js';
import { ServiceProcess } from '../support/process.js';
import { headerOf } from '../support/tokens.js';

// Real: the built programs in processes of their own, PostgreSQL, keys as OpenSSL writes them. Every test has a database
// of its own, whose clock alone says what a key is used for; time passes by moving the times of the rows.
let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recant-key-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  database = await cloneDatabase();
});
afterEach(() => database.drop());

const variables = testVariables({ LOG_LEVEL: 'info' });

const run = (args: string[], input?: string): ServiceProcess =>
  new ServiceProcess({ ...variables, DATABASE_URL: database.url }, 'dist/import-key.js', args, input);

/** What the program has said, and how it ended. */
async function outcome(program: ServiceProcess): Promise<{ code: number | null; lines: string[] }> {
  return { code: await program.ended(), lines: program.lines };
}

async function fileWith(pem: string): Promise<string> {
  const file = join(folder, 'private.pem');
  await writeFile(file, pem, { mode: 0o600 });
  return file;
}

/** Leaves the ring that a service makes. */
async function aServiceHasRun(): Promise<void> {
  const service = new ServiceProcess({ ...variables, DATABASE_URL: database.url });
  await service.listening();
  expect(await service.end()).toBe(0);
}

interface Pair {
  pem: string;
  kid: string;
}

async function aPair(type: 'ec' | 'rsa'): Promise<Pair> {
  const { privateKey, publicKey } =
    type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { pem, kid: await calculateJwkThumbprint(publicKey.export({ format: 'jwk' })) };
}

interface StoredKey {
  kid: string;
  state: string;
}

/** The keys for access tokens, each by what it does. */
function accessKeys(): Promise<StoredKey[]> {
  return database.run(
    `SELECT kid, CASE WHEN activates_at <= clock_timestamp() THEN 'signs' ELSE 'will' END AS state
     FROM signing_keys WHERE purpose = 'access' ORDER BY activates_at`,
  );
}

const everyKey = () => database.run('SELECT * FROM signing_keys ORDER BY kid');

/** Seconds from now until a key signs, by the database's clock. */
async function secondsUntilItSigns({ kid }: Pair): Promise<number> {
  const [row] = await database.run<{ seconds: number }>(
    `SELECT extract(epoch FROM activates_at - clock_timestamp())::float AS seconds FROM signing_keys WHERE kid = $1`,
    [kid],
  );
  return row!.seconds;
}

const done = ({ kid }: Pair) => ({ code: 0, lines: [`The key ${kid} is published, and signs in 5 minutes.`] });
const refused = (sentence: string) => ({ code: 1, lines: [sentence] });

const USAGE = 'Usage: npm run key:import -- --file PRIVATE.pem   (- reads standard input)';
const NO_PEM = 'This is not the PEM of a private key; it begins with -----BEGIN PRIVATE KEY-----.';
const ENCRYPTED = 'The key is encrypted; decrypt it first (openssl pkey -in FILE).';
const UNFIT = 'The key must be of the curve P-256, or RSA of 2048 bits or more.';

function encrypted(format: 'pkcs8' | 'sec1'): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const options = { type: format, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
  return privateKey.export(options).toString();
}

function ofCurve(namedCurve: string): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

describe('key:import', () => {
  it.each<[string, () => string, string]>([
    ['is empty', () => '', NO_PEM],
    ['is garbage', () => 'garbage\n', NO_PEM],
    ['is a cut PEM', () => ofCurve('P-256').slice(0, 90), NO_PEM],
    [
      'is a public key',
      () =>
        generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      NO_PEM,
    ],
    ['is encrypted', () => encrypted('pkcs8'), ENCRYPTED],
    ['is encrypted in the older form', () => encrypted('sec1'), ENCRYPTED],
    ['is of another curve', () => ofCurve('P-384'), UNFIT],
  ])('refuses in one sentence what %s, and makes nothing', async (_, pem, sentence) => {
    expect(await outcome(run(['--file', await fileWith(pem())]))).toEqual(refused(sentence));
    expect(await everyKey()).toEqual([]);
  });

  it('says how it is called', async () => {
    const programs = [[], ['--file'], ['private.pem'], ['--file', 'a.pem', 'b.pem']].map((args) => run(args));
    for (const program of programs) expect(await outcome(program)).toEqual(refused(USAGE));
  });

  it('says in one sentence that there is no such file', async () => {
    const { code, lines } = await outcome(run(['--file', join(folder, 'nowhere.pem')]));
    expect({ code, lines }).toEqual(refused(expect.stringMatching(/^The key cannot be read: ENOENT/) as string));
  });

  it('refuses a key for another algorithm than the configured one, and changes nothing', async () => {
    // So that there is something to change.
    expect((await outcome(run(['--file', await fileWith((await aPair('ec')).pem)]))).code).toBe(0);
    const before = await everyKey();
    const sentence = 'The key is for RS256, and JWT_ALGORITHM is ES256; nothing was changed.';
    expect(await outcome(run(['--file', await fileWith((await aPair('rsa')).pem)]))).toEqual(refused(sentence));
    expect(await everyKey()).toEqual(before);
  });

  it('refuses a key that is in the ring, and changes nothing', async () => {
    const key = await aPair('ec');
    const file = await fileWith(key.pem);
    // In a ring with no other there is nothing to wait for.
    expect((await outcome(run(['--file', file]))).lines).toEqual([
      `The key ${key.kid} is published, and signs from now on.`,
    ]);
    const before = await everyKey();
    const sentence = 'The key is in the ring already; nothing was changed.';
    expect(await outcome(run(['--file', file]))).toEqual(refused(sentence));
    expect(await everyKey()).toEqual(before);
  });

  it('reads standard input on -, and makes the key the next one, to sign in five minutes', async () => {
    await aServiceHasRun();
    const key = await aPair('ec');
    expect(await outcome(run(['--file', '-'], key.pem))).toEqual(done(key));
    const [current, ...others] = await accessKeys();
    expect(current).toMatchObject({ state: 'signs' });
    expect(others).toEqual([{ kid: key.kid, state: 'will' }]);
    const seconds = await secondsUntilItSigns(key);
    expect(seconds).toBeLessThanOrEqual(300);
    expect(seconds).toBeGreaterThan(270);
  });

  it('lets a running service publish the key within a second, and sign with it five minutes later', async () => {
    const service = new ServiceProcess({ ...variables, DATABASE_URL: database.url });
    const api = await ApiClient.for(await service.listening());
    const published = async (): Promise<string[]> =>
      (await api.get('/.well-known/jwks.json')).body.keys.map(({ kid }: { kid: string }) => kid);
    const signing = async (): Promise<unknown> => {
      const json = { username: aUsername(), password: aPassword };
      return headerOf((await api.post('/registration', { json })).body.access_token)['kid'];
    };
    const current = await signing();
    const key = await aPair('ec');
    expect(await outcome(run(['--file', await fileWith(key.pem)]))).toEqual(done(key));
    await expect.poll(published, { timeout: 5_000 }).toContain(key.kid);
    // It has taken the place of the next one.
    expect(new Set(await published())).toEqual(new Set([current, key.kid]));
    expect(await signing()).toBe(current);
    await letKeysAge(database, 300);
    await expect.poll(signing, { timeout: 5_000 }).toBe(key.kid);
    expect(await published()).toContain(current);
    expect(await service.end()).toBe(0);
  });

  it.each([
    ['another', {}],
    ['a new one, which the service does not have yet', { ENCRYPTION_SECRET_PREVIOUS: variables['ENCRYPTION_SECRET']! }],
  ])('is refused under a secret that is not the service’s, and changes nothing: %s', async (_, previous) => {
    await aServiceHasRun();
    const before = await everyKey();
    const { pem } = await aPair('ec');
    const ENCRYPTION_SECRET = randomBytes(32).toString('base64');
    const changes = { DATABASE_URL: database.url, ENCRYPTION_SECRET, ...previous };
    const program = new ServiceProcess({ ...variables, ...changes }, 'dist/import-key.js', ['--file', '-'], pem);
    const { code, lines } = await outcome(program);
    expect({ code, lines }).toEqual({
      code: 1,
      lines: [expect.stringMatching(/^ENCRYPTION_SECRET is not the one .* nothing was changed\.$/)],
    });
    expect(await everyKey()).toEqual(before);
  });
});
