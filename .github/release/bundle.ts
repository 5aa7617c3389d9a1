import { execFileSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { type BuildOptions, build } from 'esbuild';
import { manPage } from '../../src/cli/reference-pages.ts';
import { bundledPackages, licensesText } from './licenses.ts';

const outfile = 'dist/import-tokens.cjs';
const unfinished = `${outfile}.${process.pid}`;

const options = {
  entryPoints: ['src/cli/main.ts'],
  outfile: unfinished,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  // Names are kept, because stack traces show them.
  minifySyntax: true,
  minifyWhitespace: true,
  define: { BUILD_COMMIT: JSON.stringify(commit()), LICENSES: '""' },
  logLevel: 'warning',
} satisfies BuildOptions;

// What a bundle holds is known after it is built, so a second one gets the notices.
const { metafile } = await build({ ...options, metafile: true, write: false });
const licenses = licensesText(bundledPackages([metafile]));
writeFileSync('dist/licenses.txt', licenses);
// Written under another name and renamed, so that no process ever reads half a bundle.
await build({ ...options, define: { ...options.define, LICENSES: JSON.stringify(licenses) } });
renameSync(unfinished, outfile);
writeFileSync('dist/import-tokens.1', manPage());

/** The commit that is checked out, for bug reports; `unknown` without git. */
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
}
