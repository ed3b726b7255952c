import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditRows } from '../support/audit.js';
import { emptyDatabase, type TestDatabase } from '../support/database.js';
import { testVariables } from '../support/environment.js';
import { basic } from '../support/given-clients.js';
import { ServiceProcess } from '../support/process.js';

// Real: the built programs in processes of their own, PostgreSQL, and the embedded one.
let database: TestDatabase;

beforeAll(async () => {
  database = await emptyDatabase();
});
afterAll(() => database.drop());

const variables = testVariables({ LOG_LEVEL: 'info' });

const create = (args: string[], changes: Record<string, string> = { DATABASE_URL: database.url }) =>
  new ServiceProcess({ ...variables, ...changes }, 'dist/create-client.js', args);

/** The client in what the program has printed, if that is all that it has printed. */
function clientIn({ output }: ServiceProcess): { id: string; secret: string } {
  const [, id, secret] = /^client_id=([0-9a-f-]{36})\nclient_secret=([A-Za-z0-9_-]{43})$/.exec(output)!;
  return { id: id!, secret: secret! };
}

describe('client:create', () => {
  const scopes = 'tokens:introspect tokens:revoke revocations:read';
  const usage = `Usage: npm run client:create -- --name NAME [--scope "${scopes}"]`;
  const nameRule =
    'client_name must have 1 to 120 characters, one of them visible and none a control or format character, and must not be recant';
  const scopeRule = `scope must be words of this list, each once, with single blanks between: ${scopes}`;

  it('says in one line what is wrong with its arguments, and makes nothing', async () => {
    const wrong: [args: string[], sentence: string][] = [
      [[], usage],
      [['--name', 'a', 'b'], usage],
      [['--name', 'a', '--admin'], usage],
      [['--name', 'a\nb'], nameRule],
      [['--name', 'recant'], nameRule],
      [['--name', 'a', '--scope', 'tokens:introspect,tokens:revoke'], scopeRule],
    ];
    const programs = wrong.map(([args, sentence]) => ({ program: create(args), sentence }));
    for (const { program, sentence } of programs) {
      expect(await program.ended()).toBe(1);
      expect(program.lines).toEqual([sentence]);
    }
    const [table] = await database.run<{ name: string | null }>(`SELECT to_regclass('clients') AS name`);
    expect(table!.name).toBeNull();
  });

  it('makes a client on an empty database, and prints its id and secret and nothing else', async () => {
    const own = await emptyDatabase();
    const program = create(['--name', 'orders', '--scope', 'tokens:revoke'], { DATABASE_URL: own.url });
    expect(await program.ended()).toBe(0);
    const { id } = clientIn(program);
    expect(await own.run('SELECT id, client_name, scopes FROM clients')).toEqual([
      { id, client_name: 'orders', scopes: ['tokens:revoke'] },
    ]);
    const told = { event: 'client.created', actor_type: 'command', target_id: id, details: { scope: 'tokens:revoke' } };
    expect(await auditRows(own)).toEqual([expect.objectContaining(told)]);
    // Its configuration may not be the service's, so it leaves nothing of it behind.
    expect(await own.run('SELECT * FROM signing_keys')).toEqual([]);
    expect(await own.run('SELECT longest_seconds FROM token_lifetimes')).toEqual([{ longest_seconds: 0 }]);
    await own.drop();
  });

  it('makes a client beside a service on the embedded database, which knows it at once', async () => {
    const home = await mkdtemp(join(tmpdir(), 'recant-client-'));
    const service = new ServiceProcess({ ...variables, DATA_DIR: home });
    const url = await service.listening();
    const program = create(['--name', 'orders'], { DATA_DIR: home });
    expect(await program.ended()).toBe(0);
    const body = new URLSearchParams({ grant_type: 'client_credentials' });
    const answer = await fetch(`${url}/oauth/token`, { method: 'POST', body, headers: basic(clientIn(program)) });
    expect(answer.status).toBe(200);
    expect(await service.end()).toBe(0);
    await rm(home, { recursive: true });
  }, 60_000);
});
