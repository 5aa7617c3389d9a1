import { defineConfig } from 'vitest/config';
import config from './vitest.config.ts';

/** Tests of pure code: they need no build, start no process and open no socket. */
export default defineConfig({
  ...config,
  test: {
    ...config.test,
    include: [
      'test/{domain,input,limit,options,pipeline,report}/**/*.test.ts',
      'test/cli/*.test.ts',
      'test/docs/{links,reference,wording}.test.ts',
      'test/{architecture,contributing}.test.ts',
    ],
    globalSetup: [],
  },
});
