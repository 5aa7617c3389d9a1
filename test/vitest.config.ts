import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** As text, which the bundler understands by the import's own words. */
const uplot = Object.fromEntries(
  ['uplot/dist/uPlot.iife.min.js', 'uplot/dist/uPlot.min.css'].map((file) => [file, `${resolved(file)}?raw`]),
);

export default defineConfig({
  resolve: { alias: uplot },
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts', 'test/support/searched-runs.ts'],
    css: true,
    // No module of src has state, so files can share the modules that a worker has loaded: a sixth less CPU.
    isolate: false,
    // Much of the time is spent waiting for processes that the tests start.
    maxWorkers: 4,
    testTimeout: process.env['IMPORT_TOKENS_THOROUGH'] === '1' ? 180_000 : 30_000,
    hookTimeout: 30_000,
  },
});

function resolved(file: string): string {
  return fileURLToPath(new URL(`../node_modules/${file}`, import.meta.url));
}
