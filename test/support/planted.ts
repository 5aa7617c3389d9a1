import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { expect, inject } from 'vitest';
import type { RunResult } from './work-dir.ts';

/**
 * Part of at least one field value of every source of the end-to-end tests, and of nothing else. When a test ends, all
 * output and files of the importer are searched for it; `searched-runs.ts` checks that this happens.
 */
export const planted = 'planted';

/** Values that may appear nowhere, whatever a test plants: the dummy credentials. */
const neverSeen = ['wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'];

/** One run that was searched, as the check at the end of the suite reads it. */
export type SearchedRun = {
  readonly testFile: string;
  readonly command: string;
  /** False if no row could be read, as for `--help`. */
  readonly hasSource: boolean;
  readonly isPlanted: boolean;
  readonly bytesSearched: number;
};

declare module 'vitest' {
  interface ProvidedContext {
    /** The file with a line for each run. */
    searchedRuns: string;
  }
}

/** A file that the test wrote, or a copy of one. */
export type WrittenFile = { readonly name: string; readonly content: string | Uint8Array };

/** A run with all files that it could read. */
export type RunToSearch = {
  readonly args: readonly string[];
  /** False for a script of the test. */
  readonly isImporter: boolean;
  readonly result: RunResult;
  readonly sources: readonly (string | Uint8Array)[];
};

/**
 * Searches the output of the runs and every file in their folder that the test did not write, except those that hold
 * rows by design: the spool of a conversion, `rejected.*`, `missing.*`, `different.*` and `undeleted.*`. Throws if a
 * planted value is found.
 */
export function searchForPlanted(
  folder: string,
  runs: readonly RunToSearch[],
  written: readonly WrittenFile[],
  more: readonly string[] = [],
): void {
  const secrets = [planted, ...more, ...neverSeen];
  let bytesInFiles = 0;
  const search = (where: string, content: Buffer): void => {
    const found = secrets.find((secret) => content.includes(secret));
    if (found === undefined) return;
    const at = content.indexOf(found);
    throw new Error(`the value "${found}" is in ${where}: …${content.subarray(Math.max(0, at - 200), at + 200)}…`);
  };
  for (const name of filesIn(folder)) {
    const content = readFileSync(join(folder, name));
    const isOwn = written.some((file) => file.name === name || content.equals(Buffer.from(file.content as Uint8Array)));
    const isByDesign = /(^|\/)(spool\/\d+|rejected\.\w+|(missing|different|undeleted)\.(csv|txt|sql))$/.test(name);
    if (isOwn || isByDesign) continue;
    search(name, content);
    bytesInFiles += content.length;
  }
  for (const { args, result } of runs) {
    if (args.includes('--show-values')) continue;
    search(`the standard output of ${args.join(' ')}`, Buffer.from(result.stdout));
    search(`the standard error of ${args.join(' ')}`, Buffer.from(result.stderr));
  }
  for (const run of runsSearched(runs, bytesInFiles, more)) record(run);
}

/** The notes on runs that were searched together with `fileBytes` bytes of files. */
export function runsSearched(
  runs: readonly RunToSearch[],
  bytesInFiles: number,
  more: readonly string[] = [],
): SearchedRun[] {
  return runs.map(({ args, isImporter, result, sources }) => ({
    testFile: expect.getState().testPath ?? '',
    command: args.join(' '),
    hasSource: isImporter && (more.length > 0 || sources.some(holdsRows)),
    isPlanted: more.length > 0 || sources.some(isPlanted),
    bytesSearched: result.stdout.length + result.stderr.length + bytesInFiles,
  }));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** False for an empty source and for a header alone. */
function holdsRows(source: string | Uint8Array): boolean {
  return source.length > 0 && Buffer.from(source as Uint8Array).indexOf('\n') !== source.length - 1;
}

function isPlanted(source: string | Uint8Array): boolean {
  const bytes = Buffer.from(source as Uint8Array);
  if (bytes.includes(planted)) return true;
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).includes(planted);
  } catch {
    return false;
  }
}

function record(run: SearchedRun): void {
  const path = inject('searchedRuns');
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(run)}\n`);
}
