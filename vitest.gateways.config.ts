import { defineConfig } from 'vitest/config';
import { shared } from './vitest.shared.js';

/** The gateways of examples/gateways, as far as this machine has them: `npm run test:gateways`. */
export default defineConfig({
  ...shared,
  test: {
    include: ['test/gateways/**/*.spec.ts'],
    globalSetup: 'test/support/global-setup.ts',
    pool: 'forks',
    testTimeout: 40_000,
    hookTimeout: 60_000,
    expect: { requireAssertions: true },
  },
});
