import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSummary } from '../../src/domain/run-summary.ts';
import { type Cost, runNode } from './measured-run.ts';

export type ImporterRun = Cost & { readonly summary: RunSummary };

/** What the importer's process reports about itself. */
export type Probed = { readonly loopDelayP99Ms: number; readonly peakMegabytes: number };

type Surrounding = { readonly nodeOptions?: readonly string[]; readonly env?: Readonly<Record<string, string>> };

/** Runs the built importer over a file and reads its summary. Throws unless every row was written. */
export function runImporter(
  folder: string,
  args: readonly string[],
  { nodeOptions = [], env = {} }: Surrounding = {},
): ImporterRun {
  const summaryFile = join(folder, 'summary.json');
  const cost = runNode([...nodeOptions, 'dist/import-tokens.cjs', '--quiet', '--summary', summaryFile, ...args], env);
  const summary = JSON.parse(readFileSync(summaryFile, 'utf8')) as RunSummary;
  const { read, written, elsewhere = 0 } = summary.rows;
  if (written + elsewhere !== read) throw new Error(`not every row was written: ${args.join(' ')}`);
  return { ...cost, summary };
}

/** The same, with a probe inside the process. */
export function runProbedImporter(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ImporterRun & Probed {
  const probeFile = join(folder, 'probe.json');
  const nodeOptions = ['--import', join(import.meta.dirname, 'probe.mjs')];
  const run = runImporter(folder, args, { nodeOptions, env: { ...env, BENCH_PROBE: probeFile } });
  return { ...run, ...(JSON.parse(readFileSync(probeFile, 'utf8')) as Probed) };
}

/** A rehearsal that leaves no files. */
export function rehearsal(file: string, latency: string): readonly string[] {
  return [file, '--repository', 'memory', '--no-run-dir', '--latency', latency];
}
