import { describe, expect, it } from 'vitest';
import { type Environment } from '../config/environment.js';
import { Metrics } from './metrics.js';

const aService = () => new Metrics({ metricsEnabled: true } as Environment);

describe('metrics', () => {
  it('of two applications in one process are counted apart', async () => {
    const [one, other] = [aService(), aService()];
    one.increase('recant_purged_rows_total', { table: 'sessions' }, 2);
    expect(await one.render()).toContain('recant_purged_rows_total{table="sessions"} 2');
    expect(await other.render()).not.toContain('recant_purged_rows_total{');
  });
});
