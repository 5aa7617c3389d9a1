import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { startEndpoint } from './endpoint.ts';
import { runNode } from './measured-run.ts';
import { SampleFiles } from './sample-files.ts';

/**
 * Measures what it costs to watch a run (live view, samples, log, progress, report) against an importer without all of
 * that. Both import the same rows in turn.
 *
 *     npm run bench:view -- [--rows N] [--rounds N]
 */
const { values: flags } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '7' } },
});

/** Relative to the built script in dist/bench/bench. */
const root = join(import.meta.dirname, '../../..');
const unwatched = 'dist/bench/unwatched.cjs';
/** Standard error is discarded, but the importer takes it for a terminal and draws on it. */
const terminal = 'data:text/javascript,Object.assign(process.stderr,{isTTY:true,columns:120,rows:40})';

const withoutWatch: Plugin = {
  name: 'without-watch',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/watch-import\.ts$/ }, () => ({ path: join(root, 'test/bench/unwatched-import.ts') })),
};

await build({
  ...{ entryPoints: ['src/cli/main.ts'], outfile: unwatched, absWorkingDir: root, plugins: [withoutWatch] },
  ...{ bundle: true, platform: 'node', target: 'node20.19', format: 'cjs', logLevel: 'warning' },
  ...{ minifySyntax: true, minifyWhitespace: true, define: { BUILD_COMMIT: '"bench"' } },
});

const samples = new SampleFiles();
const endpoint = await startEndpoint('http', samples.folder);
try {
  const file = samples.file(Number(flags.rows));
  const on: number[] = [];
  const off: number[] = [];
  importFile('dist/import-tokens.cjs', file);
  for (let round = 0; round < Number(flags.rounds); round++) {
    // The order alternates, so that both have the same conditions over two rounds.
    const first = round % 2 === 0;
    if (first) off.push(importFile(unwatched, file, '--quiet'));
    on.push(importFile('dist/import-tokens.cjs', file));
    if (!first) off.push(importFile(unwatched, file, '--quiet'));
    console.log(`round ${round + 1}: ${seconds(on.at(-1)!)} with, ${seconds(off.at(-1)!)} without`);
  }
  const share = median(on) / median(off) - 1;
  console.log(`medians: ${seconds(median(on))} with, ${seconds(median(off))} without: ${(share * 100).toFixed(1)} %`);
} finally {
  endpoint.stop();
  samples.remove();
}

/** CPU seconds of the whole process. */
function importFile(bundle: string, file: string, ...more: readonly string[]): number {
  const runDir = join(samples.folder, 'run');
  const args = ['--endpoint-url', endpoint.url, '--wps', '10000000', '--run-dir', runDir, '--yes', ...more];
  try {
    return runNode(['--import', terminal, bundle, file, ...args], endpoint.env, 'discard').cpuSeconds;
  } finally {
    rmSync(runDir, { recursive: true, force: true });
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function seconds(value: number): string {
  return `${value.toFixed(2)} CPU s`;
}
