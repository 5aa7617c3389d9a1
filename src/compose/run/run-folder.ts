import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, type JsonObject, readStoredJson } from '../../adapters/file/durable-file.ts';
import { createRunDirectory, openRunDirectory, type RunDirectory } from '../../adapters/file/run/run-directory.ts';
import {
  keepOptions,
  type ManifestExpiry,
  type ManifestFile,
  type ManifestTable,
  type RunManifest,
  readManifest,
  writeManifest,
} from '../../adapters/file/run/run-manifest.ts';
import { loadCheckpoint } from '../../adapters/file/run/run-stores.ts';
import { standardInputName } from '../../adapters/file/source/file-source.ts';
import { processIdentity } from '../../adapters/system/process-identity.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import type { Progress } from '../../domain/checkpoint.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { RunSummary } from '../../domain/run-summary.ts';
import { shardFolderName } from '../../domain/token.ts';
import { chosenSettleMs, resumeOptions, storedOptions, storedSettleMs } from '../../options/complete-options.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { OpenedFile } from '../../ports/source.ts';
import { shardOf } from '../resolve-shard.ts';
import { resumeCommand } from '../shell-command.ts';
import type { OpenedRows } from '../source/open-rows.ts';
import type { Surroundings } from '../surroundings.ts';

/** A run with its folder, new or resumed. */
export type RunFolder = {
  readonly runId: string;
  /** Before anything was written, ISO 8601 in UTC. */
  readonly createdAt: string;
  /** Undefined for a rehearsal with `--no-run-dir`. */
  readonly directory: RunDirectory | undefined;
  readonly options: ImportOptions;
  readonly isResumed: boolean;
  /** Names of the source's columns, if an earlier process has seen them. */
  readonly columns: readonly string[] | undefined;
  /** How an earlier process read the source. */
  readonly reading: Readonly<Record<string, unknown>> | undefined;
  readonly progress: Progress | undefined;
  /** Present if the run is finished. */
  readonly summary: RunSummary | undefined;
  /** How late a write of the previous process may still take effect, in ms. */
  readonly settleBeforeMs: number;
  /** The files as an earlier process found them. */
  readonly files: readonly ManifestFile[] | undefined;
  /** The table that an earlier process wrote to. */
  readonly table: ManifestTable | undefined;
  /** How rows that have expired are told; undefined if none is skipped, or before the run begins. */
  readonly expiry: ManifestExpiry | undefined;
  /** Resumes the run; a path may follow. */
  readonly resumeCommand: string;
  /** Removes the folder of a run that never began. */
  discard(): Promise<void>;
};

/** A new run in a folder of its own, locked. Throws ImportError `run-dir`, `disk-full`. */
export async function beginRun(
  options: ImportOptions,
  { source, names: columns, reading }: Pick<OpenedRows, 'source' | 'names' | 'reading'>,
  table: ManifestTable,
  expiry: ManifestExpiry | undefined,
  surroundings: Pick<Surroundings, 'cwd' | 'pid' | 'argv'>,
): Promise<RunFolder> {
  const nowMs = systemClock.wallMs();
  const run: RunFolder = {
    runId: randomUUID(),
    createdAt: new Date(nowMs).toISOString(),
    directory: undefined,
    options,
    isResumed: false,
    columns,
    reading,
    progress: undefined,
    summary: undefined,
    settleBeforeMs: 0,
    files: undefined,
    table: undefined,
    expiry,
    resumeCommand: '',
    discard: async () => {},
  };
  if (options.runDir === null) return run;
  const shard = shardOf(options);
  const directory = await createRunDirectory(options.runDir, {
    nowMs,
    cwd: surroundings.cwd,
    shard: shard && shardFolderName(shard),
  });
  const discard = () => rm(directory.path, { recursive: true, force: true });
  const begun = underLock(directory, surroundings, async () => {
    await writeManifest(directory.path, {
      version: 1,
      runId: run.runId,
      createdAt: run.createdAt,
      options: storedOptions(options),
      argv: surroundings.argv,
      source: source.files.map(manifestFile),
      table,
      columns,
      ...(expiry !== undefined && { expiry }),
      reading,
    });
    const resume = resumeCommand(directory.path, [], surroundings, options.to !== undefined);
    return { ...run, directory, resumeCommand: resume, discard };
  });
  return begun.catch(async (error: unknown) => {
    // It holds nothing that a resume could continue.
    if (!(error instanceof ImportError) || error.code !== 'disk-full') throw error;
    await discard();
    throw new ImportError('disk-full', error.message, {
      hint: 'Free some space there, or choose another folder with --run-dir.',
      cause: error,
    });
  });
}

/**
 * The run of this command in a folder, locked. Throws ImportError `run-dir`, `run-locked`, `resume-mismatch`.
 * @param abandoned the claim on the folder of a process that is known to have ended
 */
export async function reopenRun(
  folder: string,
  given: ImportOptions,
  surroundings: Pick<Surroundings, 'cwd' | 'pid'>,
  {
    command = 'import',
    abandoned,
  }: { readonly command?: 'import' | 'convert'; readonly abandoned?: string | undefined } = {},
): Promise<RunFolder> {
  const directory = await openRunDirectory(folder, surroundings);
  const reopen = async () => {
    const manifest = await readManifest(directory.path);
    if (manifest === undefined) {
      throw new ImportError('run-dir', `${directory.path} holds no manifest.json, so it cannot be resumed`, {
        hint: 'Start a new run without --resume.',
      });
    }
    checkCommand(directory.path, manifest, command);
    const checkpoint = await loadCheckpoint(directory.path);
    return {
      runId: manifest.runId,
      createdAt: manifest.createdAt,
      directory,
      isResumed: true,
      options: resumeOptions({ ...manifest.options, sources: manifest.source.map(whereItWas) }, given),
      columns: manifest.columns,
      reading: manifest.reading,
      progress: checkpoint?.progress,
      summary: checkpoint?.finished === undefined ? undefined : await storedSummary(directory.path),
      settleBeforeMs: storedSettleMs(manifest.options),
      files: manifest.source,
      table: manifest.table,
      expiry: manifest.expiry,
      resumeCommand: resumeCommand(directory.path, [], surroundings, isConversion(manifest)),
      discard: async () => {},
    };
  };
  return underLock(directory, surroundings, reopen, abandoned);
}

/** Throws ImportError `resume-mismatch` if another command began the run. */
function checkCommand(folder: string, manifest: RunManifest, command: 'import' | 'convert'): void {
  const began = isConversion(manifest) ? 'convert' : 'import';
  if (began === command) return;
  throw new ImportError('resume-mismatch', `${folder} holds a run of import-tokens ${began}`, {
    hint: `Continue it with import-tokens ${began === 'convert' ? 'convert ' : ''}--resume ${folder}.`,
  });
}

/** Whether the run makes files in place of writing to a table. */
export function isConversion({ options }: Pick<RunManifest, 'options'>): boolean {
  return options['to'] !== undefined;
}

/** Whether every write of the previous process has taken effect or failed. */
type WritesBefore = 'settled' | 'unsettled';

/**
 * Keeps what a resume changed, and waits until no write of the previous process can take effect any more: after a kill
 * nothing is known of its last requests. A signal ends the wait and leaves it to the next resume.
 */
export async function followEarlierProcess(
  { directory, options, progress, settleBeforeMs, isResumed }: RunFolder,
  { warn, signal }: Surroundings,
): Promise<WritesBefore> {
  if (!isResumed) return 'settled';
  const { given, maxRows, settleMs, allowIncomplete, requestTimeoutMs } = options;
  const keep = async (changed: JsonObject) => {
    if (directory !== undefined && Object.keys(changed).length > 0) await keepOptions(directory.path, changed);
  };
  // The process after this one reads as far and settles as long, also if this one is killed.
  await keep({
    ...(given.includes('maxRows') && { maxRows }),
    ...(given.includes('settleMs') && { settleMs }),
    ...(given.includes('allowIncomplete') && { allowIncomplete }),
  });
  if (progress?.settled !== true) {
    const waitMs = given.includes('settleMs') ? settleMs : Math.max(settleMs, settleBeforeMs);
    warn(`waiting ${waitMs / 1000} s for the previous process's requests to expire`);
    await systemClock.sleep(waitMs, signal);
    if (signal.aborted) return 'unsettled';
  }
  // The process after this one waits for its requests; until now it would have had to wait for the previous one's.
  if (given.includes('requestTimeoutMs')) await keep({ requestTimeoutMs, settleMs: chosenSettleMs(options) });
  return 'settled';
}

/** The path of a source file, independent of the folder that the resume is started in. */
function whereItWas({ name, path }: ManifestFile): string {
  return path ?? (name === standardInputName ? '-' : name);
}

export const summaryName = 'summary.json';

/** The summary that the previous process left. */
export async function storedSummary(folder: string): Promise<RunSummary | undefined> {
  const isSummary = (value: JsonObject): value is JsonObject & RunSummary => isObject(value['rows']);
  const summary = await readStoredJson<RunSummary>(join(folder, summaryName), isSummary);
  const { capacity } = summary ?? {};
  // An earlier version's word for it.
  if (summary === undefined || (capacity?.state as string | undefined) !== 'owed') return summary;
  return { ...summary, capacity: { ...capacity!, state: 'still-raised' } };
}

export function manifestFile({ name, path, storedBytes, mtimeMs, etag, versionId }: OpenedFile) {
  return {
    name,
    ...(path !== undefined && { path }),
    ...(storedBytes !== undefined && { storedBytes }),
    ...(mtimeMs !== undefined && { mtimeMs }),
    ...(etag && { etag }),
    ...(versionId !== undefined && { versionId }),
  };
}

/** Locks the folder and runs `work`; the lock stays unless that fails. Throws ImportError `run-locked`. */
export async function underLock<T>(
  directory: RunDirectory,
  { pid }: Pick<Surroundings, 'pid'>,
  work: () => Promise<T>,
  abandoned?: string,
): Promise<T> {
  try {
    await directory.lock(pid, processIdentity, abandoned);
    return await work();
  } catch (error) {
    await directory.close();
    throw error;
  }
}
