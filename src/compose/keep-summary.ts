import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { writeDurably } from '../adapters/file/durable-file.ts';
import type { ImportOptions } from '../cli/import-options.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { ImportError } from '../domain/import-error.ts';
import type { RunSummary } from '../domain/run-summary.ts';
import { summaryName } from './run-folder.ts';

/** Throws ImportError `usage` where the file of `--summary` could not be written, which would be told hours later. */
export async function checkSummaryFolder({ summary, runDir }: ImportOptions, cwd: string): Promise<void> {
  if (summary === undefined) return;
  const folder = dirname(summary);
  // That one is still to be made.
  if (typeof runDir === 'string' && folder === resolve(cwd, runDir)) return;
  try {
    await access(folder, constants.W_OK);
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new ImportError(
      'usage',
      `--summary ${summary} cannot be written: ${isMissing ? 'no such folder' : 'its folder may not be written to'}`,
      { hint: 'make the folder, or name another file', cause },
    );
  }
}

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
