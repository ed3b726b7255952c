import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../support/problem.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let behindProxy: TestService;
let behindAnother: TestService;

beforeAll(async () => {
  service = await startService();
  behindProxy = await startService({ TRUST_PROXY: '127.0.0.1' });
  behindAnother = await startService({ TRUST_PROXY: '10.0.0.0/8' });
});
afterAll(async () => {
  await service.stop();
  await behindProxy.stop();
  await behindAnother.stop();
});

async function idOf(on: TestService, path: string, given?: string): Promise<string> {
  const { headers } = await on.api.get(path, given === undefined ? {} : { headers: { 'x-request-id': given } });
  return headers.get('x-request-id')!;
}

describe('the name of a request', () => {
  it('is told with every answer, and never the same twice', async () => {
    const paths = ['/health/live', '/secret', '/nowhere', '/login', '/%'];
    const ids = await Promise.all(paths.flatMap((path) => [idOf(service, path), idOf(service, path)]));
    expect(new Set(ids).size).toBe(10);
    for (const id of ids) expect(id).toMatch(/^[\w-]{8}-[0-9a-z]+$/);
  });

  it('is not the same on two instances', async () => {
    const [one, other] = [await idOf(service, '/health/live'), await idOf(behindProxy, '/health/live')];
    expect(one.slice(0, 8)).not.toBe(other.slice(0, 8));
  });

  it('is not taken from a caller, also where there is a proxy that he comes past', async () => {
    expect(await idOf(service, '/health/live', 'of-a-caller')).not.toBe('of-a-caller');
    expect(await idOf(behindAnother, '/health/live', 'of-a-caller')).not.toBe('of-a-caller');
  });

  it('is taken from a proxy, when it can stand in a log', async () => {
    expect(await idOf(behindProxy, '/health/live', 'Root-1.a_b')).toBe('Root-1.a_b');
    for (const bad of ['', 'a b', 'a"b', '\u00e9', 'a'.repeat(65), '<x>'])
      expect(await idOf(behindProxy, '/health/live', bad)).toMatch(/^[\w-]{8}-[0-9a-z]+$/);
  });

  it('changes nothing else of a refusal', async () => {
    expectProblem(await service.api.get('/secret'), 'missing_token');
  });
});
