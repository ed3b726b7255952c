import { defineConfig } from 'vitest/config';
import { shared } from './vitest.shared.js';

/** The walk of a person through Swagger UI, in a real Chromium: `npm run test:browser`. */
export default defineConfig({
  ...shared,
  test: {
    include: ['test/browser/**/*.spec.ts'],
    globalSetup: 'test/support/global-setup.ts',
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { requireAssertions: true },
  },
});
