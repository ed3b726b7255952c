import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasEnded } from '../../../src/database/embedded-postgres/process-identity.js';
import { cloneDatabase, type TestDatabase } from '../../support/database.js';
import { postmasterPid, Sandbox } from '../../support/embedded-postgres-sandbox.js';
import { testVariables } from '../../support/environment.js';
import { LoadCaller } from '../../support/load.js';
import { ServiceProcess } from '../../support/process.js';
import { RunningService } from '../../support/running-service.js';

const PRELOAD = new URL('../../support/preload/forgets-a-fault.mjs', import.meta.url);

/** One secret for all of them, who share a database. */
const { ENCRYPTION_SECRET = '' } = testVariables();
const forgets = (what: string) => ({ ENCRYPTION_SECRET, NODE_OPTIONS: `--import=${PRELOAD.href}`, FORGETS: what });

// Real: the built service in processes of its own, with one script before it, in which the fault happens.
let database: TestDatabase;

beforeAll(async () => {
  database = await cloneDatabase();
});
afterAll(() => database.drop());

describe('a fault that nobody handles', () => {
  it.each(['rejection', 'exception'])(
    'is one line in the log, and the service answers what has come, closes, and ends with 1: %s',
    async (what) => {
      const service = await RunningService.on(database, { ...forgets(what), NODE_ENV: 'production' });
      const { access } = await service.aUser();
      const callers = Array.from(
        { length: 8 },
        () => new LoadCaller(service.url, () => ({ path: '/secret', token: access }), true),
      );
      await Promise.all(callers.map((caller) => caller.nextWith(200)));
      service.process.signal('SIGUSR2');
      expect(await service.process.ended()).toBe(1);
      await Promise.all(callers.map(({ ended }) => ended));
      // Each until the answer that said that it was the last.
      const statuses = callers.flatMap(({ outcomes }) => outcomes.map(({ status }) => status));
      expect(new Set(statuses)).toEqual(new Set([200]));
      const lines = service.process.lines.filter((line) => line.includes('something that'));
      expect(lines).toHaveLength(1);
      const { level, message } = JSON.parse(lines[0]!) as Record<string, string>;
      expect(level).toBe('fatal');
      expect(message).toMatch(/nobody handled a fault: Error: something that \| nobody expected \| at .+; caused by /);
      expect(service.process.output).toContain('Stopped.');
    },
  );

  it('leaves out what it carries, which may be a token', async () => {
    const service = await RunningService.on(database, forgets('value'));
    expect(await service.process.end('SIGUSR2')).toBe(1);
    expect(service.process.output).toContain('nobody handled a fault');
    expect(service.process.output).not.toContain('a-secret');
  });

  it('does not leave the embedded PostgreSQL behind', async () => {
    const sandbox = await Sandbox.create();
    const dataDir = sandbox.dataDir();
    const variables = testVariables({ LOG_LEVEL: 'info', DATA_DIR: dataDir, ...forgets('rejection') });
    const service = new ServiceProcess(variables);
    await service.listening();
    const pid = await postmasterPid(dataDir);
    expect(await service.end('SIGUSR2')).toBe(1);
    expect(await hasEnded(pid)).toBe(true);
    await sandbox.clean();
  });
});
