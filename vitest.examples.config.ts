import { defineConfig } from 'vitest/config';
import { shared } from './vitest.shared.js';

/** The services under examples/, built, in processes of their own, beside a Recant. */
export default defineConfig({
  ...shared,
  test: {
    include: ['test/examples/**/*.spec.ts'],
    globalSetup: 'test/support/global-setup.ts',
    pool: 'forks',
    testTimeout: 40_000,
    hookTimeout: 60_000,
    expect: { requireAssertions: true },
  },
});
