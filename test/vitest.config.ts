import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts', 'test/support/searched-runs.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
