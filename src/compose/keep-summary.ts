import { join } from 'node:path';
import { writeDurably } from '../adapters/file/durable-file.ts';
import type { ImportOptions } from '../cli/import-options.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import type { RunSummary } from '../domain/run-summary.ts';
import { summaryName } from './run-folder.ts';

/** Writes the summary into the run directory, if there is one, and where `--summary` says. */
export async function keepSummary(
  summary: RunSummary,
  { summary: path }: ImportOptions,
  { warn }: Pick<Surroundings, 'warn'>,
  folder?: string,
): Promise<void> {
  const text = `${JSON.stringify(summary, undefined, 2)}\n`;
  const paths = [...(folder === undefined ? [] : [join(folder, summaryName)]), ...(path === undefined ? [] : [path])];
  for (const target of paths) {
    // The import is over: what can't be written is told, and changes nothing of its outcome.
    await writeDurably(target, text).catch((error: Error) => warn(error.message));
  }
}
