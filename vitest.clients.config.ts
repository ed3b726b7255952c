import { defineConfig } from 'vitest/config';
import { shared } from './vitest.shared.js';

/** Clients in other languages, which this machine must have: `npm run test:clients`. */
export default defineConfig({
  ...shared,
  test: {
    include: ['test/clients/**/*.spec.ts'],
    globalSetup: 'test/support/global-setup.ts',
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { requireAssertions: true },
  },
});
