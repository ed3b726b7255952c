import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP.
let service: TestService;

beforeAll(async () => {
  service = await startService({ METRICS_ENABLED: 'false' });
});
afterAll(() => service.stop());

describe('METRICS_ENABLED=false', () => {
  it('makes /metrics an address that is not there, also in the document', async () => {
    expect((await service.api.get('/metrics')).status).toBe(404);
    const document = (await (await fetch(`${service.api.url}/openapi.json`)).json()) as { paths: object };
    expect(document.paths).not.toHaveProperty('/metrics');
  });
});
