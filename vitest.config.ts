import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.spec.ts', 'test/{integration,e2e}/**/*.spec.ts'],
    globalSetup: 'test/support/global-setup.ts',
    // Processes, not threads: Passport keeps its strategies in one object for a whole process.
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // A test that forgets to await an expectation, or expects nothing, is no test.
    expect: { requireAssertions: true },
  },
});
