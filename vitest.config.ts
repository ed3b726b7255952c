import { defineConfig } from 'vitest/config';
import { shared } from './vitest.shared.js';

export default defineConfig({
  ...shared,
  test: {
    include: [
      '{src,packages/*/src,packages/*/test}/**/*.spec.ts',
      'test/{integration,e2e}/**/*.spec.ts',
      'bench/**/*.spec.mjs',
    ],
    globalSetup: 'test/support/global-setup.ts',
    // Processes, not threads: Passport keeps its strategies in one object for a whole process, the last application's.
    // Files that share a process run one after the other, each closing its application, and save 3 s of imports each.
    pool: 'forks',
    isolate: false,
    maxWorkers: 3,
    testTimeout: 40_000,
    hookTimeout: 30_000,
    // A test that forgets to await an expectation, or expects nothing, is no test.
    expect: { requireAssertions: true },
  },
});
