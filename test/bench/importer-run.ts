import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSummary } from '../../src/domain/run-summary.ts';
import { type Cost, runNode } from './measured-run.ts';

export type ImporterRun = Cost & { readonly summary: RunSummary };

/** Runs the built importer over a file and reads its summary. Throws unless every row was written. */
export function runImporter(folder: string, args: readonly string[], nodeOptions: readonly string[] = []): ImporterRun {
  const summaryFile = join(folder, 'summary.json');
  const cost = runNode([...nodeOptions, 'dist/import-tokens.cjs', '--quiet', '--summary', summaryFile, ...args]);
  const summary = JSON.parse(readFileSync(summaryFile, 'utf8')) as RunSummary;
  if (summary.rows.written !== summary.rows.read) throw new Error(`not every row was written: ${args.join(' ')}`);
  return { ...cost, summary };
}

/** A rehearsal that leaves no files. */
export function rehearsal(file: string, latency: string): readonly string[] {
  return [file, '--repository', 'memory', '--no-run-dir', '--latency', latency];
}
