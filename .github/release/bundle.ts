import { execFileSync } from 'node:child_process';
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
  define: { BUILD_COMMIT: JSON.stringify(commit()) },
  logLevel: 'warning',
});
renameSync(unfinished, outfile);

/** The commit that is checked out, for bug reports; a copy without git has none. */
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
}
