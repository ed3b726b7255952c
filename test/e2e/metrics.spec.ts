import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricNames } from '../../src/metrics/metric-names.js';
import { startService, type TestService } from '../support/service.js';

// Real: HTTP, and what Node tells of its process.
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

describe('GET /metrics', () => {
  it("answers in Prometheus's format, to anyone who can reach it", async () => {
    const { status, headers } = await service.api.get('/metrics');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('shows every metric of the table with its sentence, and those of the process', async () => {
    const { body } = await service.api.get('/metrics');
    for (const [name, { help, type }] of Object.entries(metricNames)) {
      expect(body).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
    }
    expect(body).toMatch(/^process_cpu_seconds_total \d/m);
    expect(body).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
  });

  it('shows a counter before it has counted anything, so that its first step is seen', async () => {
    const { body } = await service.api.get('/metrics');
    expect(body).toMatch(/^recant_purged_rows_total\{table="client_secrets"\} 0$/m);
  });
});
