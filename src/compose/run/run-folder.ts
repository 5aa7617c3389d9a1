import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadCheckpoint } from '../../adapters/file/run/checkpoint-file.ts';
import { createRunDirectory, openRunDirectory, type RunDirectory } from '../../adapters/file/run/run-directory.ts';
import {
  keepOptions,
  type ManifestFile,
  type ManifestTable,
  type RunManifest,
  readManifest,
  writeManifest,
} from '../../adapters/file/run/run-manifest.ts';
import { type FileSourceFile, standardInputName } from '../../adapters/file/source/file-source.ts';
import { isObject, readStoredJson } from '../../adapters/file/stored-json.ts';
import { processIdentity } from '../../adapters/system/process-identity.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import type { Progress } from '../../domain/checkpoint.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { RunSummary } from '../../domain/run-summary.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { chosenSettleMs, resumeOptions, storedOptions, storedSettleMs } from '../../options/resume-options.ts';
import type { Surroundings } from '../surroundings.ts';

/** A run with its folder, new or gone on with. */
export type RunFolder = {
  readonly runId: string;
  /** Before anything was written, ISO 8601 in UTC. */
  readonly createdAt: string;
  /** Undefined for a rehearsal with `--no-run-dir`. */
  readonly directory: RunDirectory | undefined;
  readonly options: ImportOptions;
  /** Names of the source's columns, where an earlier process has seen them. */
  readonly columns: readonly string[] | undefined;
  /** How an earlier process has read the source. */
  readonly reading: Readonly<Record<string, unknown>> | undefined;
  readonly progress: Progress | undefined;
  /** Of a run that is finished: nothing is left to do. */
  readonly summary: RunSummary | undefined;
  /** How late a write of the process before may still take effect, in ms. */
  readonly settleBeforeMs: number;
  /** The files as an earlier process found them. */
  readonly files: readonly ManifestFile[] | undefined;
  /** The table that an earlier process wrote to. */
  readonly table: ManifestTable | undefined;
  /** Removes the folder of a run that never began. */
  discard(): Promise<void>;
};

/** A new run in a folder of its own, locked. Throws ImportError `run-dir`, `disk-full`. */
export async function beginRun(
  options: ImportOptions,
  world: Surroundings,
  files: readonly FileSourceFile[],
  {
    names: columns,
    reading,
  }: { readonly names: readonly string[]; readonly reading: NonNullable<RunManifest['reading']> },
  table: ManifestTable,
): Promise<RunFolder> {
  const place = { nowMs: systemClock.wallMs(), cwd: world.cwd };
  const run = {
    ...{ runId: randomUUID(), createdAt: new Date(place.nowMs).toISOString(), options, columns, reading },
    ...{ progress: undefined, summary: undefined, files: undefined, table: undefined, settleBeforeMs: 0 },
    discard: async () => {},
  };
  if (options.runDir === null) return { ...run, directory: undefined };
  const directory = await createRunDirectory(options.runDir, place);
  const discard = () => rm(directory.path, { recursive: true, force: true });
  const begun = underLock(directory, world, async () => {
    await writeManifest(directory.path, {
      version: 1,
      runId: run.runId,
      createdAt: run.createdAt,
      options: storedOptions(options),
      argv: world.argv,
      source: files.map(manifestFile),
      table,
      columns,
      reading,
    });
    return { ...run, directory, discard };
  });
  return begun.catch(async (error: unknown) => {
    // Nothing is in there that a resume could go on with.
    if (!(error instanceof ImportError) || error.code !== 'disk-full') throw error;
    await discard();
    throw new ImportError('disk-full', error.message, {
      hint: 'Free some space there, or choose another folder with --run-dir',
      cause: error,
    });
  });
}

/** The run in this folder, locked. Throws ImportError `run-dir`, `run-locked`, `resume-mismatch`. */
export async function reopenRun(
  folder: string,
  given: ImportOptions,
  world: Pick<Surroundings, 'cwd' | 'pid'>,
): Promise<RunFolder> {
  const directory = await openRunDirectory(folder, world);
  return underLock(directory, world, async () => {
    const manifest = await readManifest(directory.path);
    if (manifest === undefined) {
      throw new ImportError('run-dir', `${directory.path} holds no manifest.json, so it can't be resumed`, {
        hint: 'Start a new run without --resume.',
      });
    }
    const checkpoint = await loadCheckpoint(directory.path);
    return {
      ...{ runId: manifest.runId, createdAt: manifest.createdAt },
      directory,
      options: resumeOptions({ ...manifest.options, sources: manifest.source.map(whereItWas) }, given),
      columns: manifest.columns,
      reading: manifest.reading,
      progress: checkpoint?.progress,
      summary: checkpoint?.finished === undefined ? undefined : await storedSummary(directory.path),
      settleBeforeMs: storedSettleMs(manifest.options),
      files: manifest.source,
      table: manifest.table,
      discard: async () => {},
    };
  });
}

/** A resume is stopped or killed like any other process: the one after it is to read as far, and to settle as long. */
export async function keepReach(
  { directory }: RunFolder,
  { given, maxRows, settleMs, allowIncomplete }: ImportOptions,
): Promise<void> {
  const changed = {
    ...(given.includes('maxRows') && { maxRows }),
    ...(given.includes('settleMs') && { settleMs }),
    ...(given.includes('allowIncomplete') && { allowIncomplete }),
  };
  if (directory !== undefined && Object.keys(changed).length > 0) await keepOptions(directory.path, changed);
}

/** The process after this one waits for its requests; before, it has to wait for those of the one before. */
export async function keepRequestTimeout({ directory }: RunFolder, options: ImportOptions): Promise<void> {
  if (directory === undefined || !options.given.includes('requestTimeoutMs')) return;
  const { requestTimeoutMs } = options;
  await keepOptions(directory.path, { requestTimeoutMs, settleMs: chosenSettleMs(options) });
}

/** The path of a file, wherever the resume is asked for. */
function whereItWas({ name, path }: ManifestFile): string {
  return path ?? (name === standardInputName ? '-' : name);
}

export const summaryName = 'summary.json';

/** The summary that the process before has left. */
export async function storedSummary(folder: string): Promise<RunSummary | undefined> {
  return readStoredJson<RunSummary>(join(folder, summaryName), (value): value is typeof value & RunSummary =>
    isObject(value['rows']),
  );
}

export function manifestFile({ name, path, storedBytes, mtimeMs }: FileSourceFile) {
  return {
    name,
    ...(path !== undefined && { path }),
    ...(storedBytes !== undefined && { storedBytes }),
    ...(mtimeMs !== undefined && { mtimeMs }),
  };
}

/** Locks the folder and does the work; the lock stays, but where that fails. Throws ImportError `run-locked`. */
export async function underLock<T>(
  directory: RunDirectory,
  { pid }: Pick<Surroundings, 'pid'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    await directory.lock(pid, processIdentity);
    return await work();
  } catch (error) {
    await directory.close();
    throw error;
  }
}
