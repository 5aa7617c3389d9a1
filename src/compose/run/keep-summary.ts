import { dirname, join, resolve } from 'node:path';
import { checkSummaryPath, writeDurably, writeNamedFile } from '../../adapters/file/durable-file.ts';
import type { CheckpointFile } from '../../adapters/file/run/checkpoint-file.ts';
import { jsonText } from '../../domain/format.ts';
import type { RunSummary } from '../../domain/run-summary.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { Surroundings } from '../surroundings.ts';
import { summaryName } from './run-folder.ts';

/** Throws ImportError `usage` where the file of `--summary` could not be written. */
export async function checkSummaryFile({ summary, runDir }: ImportOptions, cwd: string): Promise<void> {
  if (summary === undefined) return;
  const path = resolve(cwd, summary);
  // The run directory is still to be made.
  if (typeof runDir === 'string' && dirname(path) === resolve(cwd, runDir)) return;
  await checkSummaryPath(path);
}

/**
 * Writes the summary into the run directory, if there is one, and where `--summary` says. `finished`: takes note that
 * the run is over for good, where its summary is there to be repeated.
 */
export async function keepSummary(
  summary: RunSummary,
  { summary: path }: ImportOptions,
  { warn }: Pick<Surroundings, 'warn'>,
  folder: string | undefined,
  finished: Pick<CheckpointFile, 'finish'> | undefined,
): Promise<void> {
  const text = jsonText(summary);
  // The import is over: what can't be written is told, and changes nothing of its outcome.
  const tell = (error: Error) => warn(error.message);
  if (folder !== undefined) {
    const written = writeDurably(join(folder, summaryName), text);
    await written.then(() => finished?.finish(summary)).catch(tell);
  }
  if (path !== undefined) await writeNamedFile(path, text).catch(tell);
}
