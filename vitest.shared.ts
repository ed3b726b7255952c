import { defaultServerConditions } from 'vite';
import { type ViteUserConfig } from 'vitest/config';

/** What the tests of every kind have in common. */
export const shared: ViteUserConfig = {
  // The packages of this checkout are read as their sources: a test can neither pass nor fail because of an old build.
  ssr: { resolve: { conditions: ['@recant/source', ...defaultServerConditions] } },
};
