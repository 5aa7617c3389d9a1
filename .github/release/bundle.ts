import { renameSync } from 'node:fs';
import { build } from 'esbuild';

const outfile = 'dist/import-tokens.cjs';
const unfinished = `${outfile}.${process.pid}`;

// Written aside and renamed, so that no process that starts meanwhile meets half a bundle.
await build({
  entryPoints: ['src/cli/main.ts'],
  outfile: unfinished,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  // Names stay, since they are what a stack tells.
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'warning',
});
renameSync(unfinished, outfile);
