import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditRows } from '../support/audit.js';
import { cloneDatabase, emptyDatabase, type TestDatabase } from '../support/database.js';
import { testVariables } from '../support/environment.js';
import { aPassword, aUsername } from '../support/given.js';
import { ServiceProcess } from '../support/process.js';

// Real: the built service in processes of its own, and PostgreSQL.
let database: TestDatabase;

beforeAll(async () => {
  database = await emptyDatabase();
});
afterAll(() => database.drop());

/** One secret for all: most of these processes share a database. */
const variables = testVariables({ LOG_LEVEL: 'info' });

const start = (changes: Record<string, string> = {}) =>
  new ServiceProcess({ ...variables, DATABASE_URL: database.url, ...changes });

async function register(url: string, username: string): Promise<number> {
  const { status } = await fetch(`${url}/registration`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: aPassword }),
  });
  return status;
}

/** Sends a registration and resolves when the service has taken it: it asks for the body when it has read the head. */
async function begin(url: string): Promise<ClientRequest> {
  const body = JSON.stringify({ username: aUsername(), password: aPassword });
  const registration = request(`${url}/registration`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': body.length, expect: '100-continue' },
  });
  registration.flushHeaders();
  await once(registration, 'continue');
  registration.end(body);
  return registration;
}

describe('a start that cannot succeed', () => {
  it('names every wrong variable in one message', async () => {
    const service = start({
      PORT: 'many',
      ISSUER: 'nowhere',
      ENCRYPTION_SECRET: 'short',
      ACCESS_TOKEN_TTL_SECONDS: '1',
    });
    expect(await service.ended()).toBe(1);
    for (const name of ['PORT', 'ISSUER', 'ENCRYPTION_SECRET', 'ACCESS_TOKEN_TTL_SECONDS']) {
      expect(service.output).toContain(`- ${name} must`);
    }
  });

  it('refuses production without its secrets and database, each named', async () => {
    const service = new ServiceProcess({ NODE_ENV: 'production' });
    expect(await service.ended()).toBe(1);
    expect(service.output).toContain('ENCRYPTION_SECRET is missing');
    expect(service.output).toContain('DATABASE_URL is missing');
  });

  it('says in one line that the database is not there', async () => {
    const service = start({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
    expect(await service.ended()).toBe(1);
    expect(service.lines).toEqual([expect.stringContaining('The database cannot be used: connect ECONNREFUSED')]);
  });

  it('says in one line that DATABASE_LISTEN_URL leads to another database', async () => {
    const [own, other] = await Promise.all([cloneDatabase(), cloneDatabase()]);
    const service = start({ DATABASE_URL: own.url, DATABASE_LISTEN_URL: other.url });
    expect(await service.ended()).toBe(1);
    expect(service.output).toContain('- DATABASE_LISTEN_URL must lead to the same database as DATABASE_URL');
    expect(service.output).not.toContain('    at ');
    await Promise.all([own.drop(), other.drop()]);
  });

  it('refuses an ENCRYPTION_SECRET that is not the one of the stored keys, and changes nothing', async () => {
    const other = await emptyDatabase();
    const first = start({ DATABASE_URL: other.url });
    await first.listening();
    expect(await first.end()).toBe(0);
    const before = await other.run('SELECT * FROM signing_keys ORDER BY kid');

    const second = start({ DATABASE_URL: other.url, ENCRYPTION_SECRET: testVariables()['ENCRYPTION_SECRET']! });
    expect(await second.ended()).toBe(1);
    expect(second.output).toContain('ENCRYPTION_SECRET is not the one under which');
    expect(await other.run('SELECT * FROM signing_keys ORDER BY kid')).toEqual(before);
    await other.drop();
  });
});

describe('ten instances', () => {
  it('come up at once on an empty database, with one set of keys and one administrator', async () => {
    const services = Array.from({ length: 10 }, () => start({ ADMIN_USERNAME: 'root', ADMIN_PASSWORD: aPassword }));
    const urls = await Promise.all(services.map((service) => service.listening()));

    expect(await register(urls[0]!, aUsername())).toBe(201);
    const codes = await Promise.all(services.map((service) => service.end()));
    expect(codes).toEqual(Array.from({ length: 10 }, () => 0));

    const keys = await database.run<{ purpose: string }>('SELECT purpose FROM signing_keys ORDER BY purpose');
    // For each kind of token, the one that signs and the one that will.
    expect(keys.map(({ purpose }) => purpose)).toEqual(['access', 'access', 'refresh', 'refresh']);
    const admins = await database.run<{ username: string }>(`SELECT username FROM users WHERE 'admin' = ANY(roles)`);
    expect(admins).toEqual([{ username: 'root' }]);
  }, 120_000);
});

describe('the first administrator', () => {
  it('is never made of an account that registered the name', async () => {
    const own = await emptyDatabase();
    const service = start({ DATABASE_URL: own.url });
    const username = aUsername();
    expect(await register(await service.listening(), username)).toBe(201);
    await service.end();

    const again = start({ DATABASE_URL: own.url, ADMIN_USERNAME: username, ADMIN_PASSWORD: aPassword });
    expect(await again.ended()).toBe(1);
    expect(again.output).toContain(`ADMIN_USERNAME: ${username} is an account that exists and is no administrator`);
    expect(await own.run('SELECT roles FROM users')).toEqual([{ roles: [] }]);
    await own.drop();
  });

  it('can be made by admin:create, which promotes nobody either', async () => {
    const own = await emptyDatabase();
    const create = (name: string, password: string) =>
      new ServiceProcess(
        // The other way to make an administrator is the service's; this command leaves it alone.
        { ...variables, DATABASE_URL: own.url, ADMIN_USERNAME: 'carol', ADMIN_PASSWORD: aPassword },
        'dist/create-admin.js',
        ['--username', name],
        password,
      );

    const short = create('root', 'short\n');
    expect(await short.ended()).toBe(1);
    expect(short.lines).toEqual(['password must have 8 to 256 characters, none of them NUL']);

    const made = create('root', `${aPassword}\n`);
    expect(await made.ended()).toBe(0);
    expect(made.lines).toEqual(['The administrator root was created.']);

    const twice = create('ROOT', `${aPassword}\n`);
    expect(await twice.ended()).toBe(1);
    expect(twice.lines).toEqual(['An account with this name exists; it is not promoted. Choose another name.']);
    expect(await own.run('SELECT username FROM users')).toEqual([{ username: 'root' }]);
    const [event, ...others] = await auditRows(own);
    expect(event).toMatchObject({ event: 'administrator.created', actor_type: 'command' });
    expect(others).toEqual([]);
    await own.drop();
  });
});

describe('a stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('on %s finishes what was begun and exits with 0', async (signal) => {
    const service = start();
    const url = await service.listening();
    const registrations = await Promise.all(Array.from({ length: 8 }, () => begin(url)));
    const statuses = registrations.map(async (registration) => {
      const [response] = (await once(registration, 'response')) as [IncomingMessage];
      return response.statusCode;
    });
    // Twice, as Ctrl-C arrives under `npm start`: from the terminal, and from what npm puts in between.
    service.signal(signal);
    expect(await service.end(signal)).toBe(0);
    expect(service.output).toContain('Stopped.');
    expect(await Promise.all(statuses)).toEqual(registrations.map(() => 201));
  });
});
