import { access, readdir, realpath, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DoneCounts, Progress } from '../../../domain/checkpoint.ts';
import { jsonText } from '../../../domain/format.ts';
import { ImportError } from '../../../domain/import-error.ts';
import type { Outcome } from '../../../domain/run-summary.ts';
import type { CapacityRaise } from '../../../domain/table.ts';
import type { ConvertedFile } from '../../../ports/converted-files.ts';
import type { CheckpointStore, RaiseStore } from '../../../ports/run-stores.ts';
import {
  diskFault,
  holdsCounts,
  isCount,
  isObject,
  type JsonObject,
  readStoredJson,
  syncFolder,
  writeDurably,
} from '../durable-file.ts';

export const checkpointName = 'checkpoint.json';

/** How a run ended for good, so that a resume can say so and repeat its exit code. */
type RunEnd = { readonly outcome: Outcome; readonly exitCode: number };

type StoredCheckpoint = {
  readonly version: 1;
  readonly progress: Progress;
  readonly finished?: RunEnd;
};

/** What the run in this folder stored last; undefined if it never did. Throws ImportError `run-dir`. */
export async function loadCheckpoint(folder: string): Promise<StoredCheckpoint | undefined> {
  const stored = await readStoredJson(join(folder, checkpointName), isStoredCheckpoint);
  if (stored === undefined) return undefined;
  const { progress } = stored;
  return {
    ...stored,
    progress: { ...progress, counts: { ...progress.counts, deleted: progress.counts.deleted ?? 0 } },
  };
}

/** Stores progress in `checkpoint.json`. Takes one call at a time. */
export class CheckpointFile implements CheckpointStore {
  readonly #path: string;
  #progress: Progress | undefined;

  /** `progress`: what was loaded, if a run is resumed. */
  constructor(folder: string, progress?: Progress) {
    this.#path = join(folder, checkpointName);
    this.#progress = progress;
  }

  async save(progress: Progress): Promise<void> {
    await this.#write({ version: 1, progress });
    this.#progress = progress;
  }

  /** Stores the end of a run that has saved progress; without any, a resume starts from the first row. */
  async finish(finished: RunEnd): Promise<void> {
    if (this.#progress !== undefined) await this.#write({ version: 1, progress: this.#progress, finished });
  }

  async #write(stored: StoredCheckpoint): Promise<void> {
    await writeDurably(this.#path, `${JSON.stringify(stored)}\n`);
  }
}

/** An importer without `--delete-where` stored no count of deletes, and deleted nothing. */
type ReadCheckpoint = Omit<StoredCheckpoint, 'progress'> & {
  readonly progress: Omit<Progress, 'counts'> & {
    readonly counts: Omit<DoneCounts, 'deleted'> & { readonly deleted?: number };
  };
};

function isStoredCheckpoint(value: JsonObject): value is JsonObject & ReadCheckpoint {
  const { progress, finished } = value;
  return isObject(progress) && isProgress(progress) && (finished === undefined || isRunEnd(finished));
}

function isProgress({ mark, counts, rejectsByCode, neverDeleted, hash, rejects, settled }: JsonObject): boolean {
  return (
    holdsCounts(mark, ['fileIndex', 'byteOffset', 'ordinal', 'line']) &&
    holdsCounts(counts, ['written', 'superseded', 'kept', 'rejected', 'skipped']) &&
    ['deleted', 'elsewhere'].every((fate) => counts[fate] === undefined || isCount(counts[fate])) &&
    isObject(rejectsByCode) &&
    Object.values(rejectsByCode).every(isCount) &&
    (neverDeleted === undefined || isCount(neverDeleted)) &&
    isStretch(hash) &&
    (hash['before'] === undefined || (Array.isArray(hash['before']) && hash['before'].every(isStretch))) &&
    holdsCounts(rejects, ['rowsBytes', 'reasonsBytes']) &&
    typeof settled === 'boolean'
  );
}

function isStretch(value: unknown): value is JsonObject {
  return holdsCounts(value, ['fileIndex', 'byteOffset']) && /^[0-9a-f]{64}$/.test(String(value['sha256']));
}

function isRunEnd(value: unknown): boolean {
  return holdsCounts(value, ['exitCode']) && typeof value['outcome'] === 'string';
}

/** How far a conversion is whose rows are all spooled. */
export type ConvertState = {
  /** Bytes of the lines in each partition of the spool. */
  readonly lineBytes: readonly number[];
  readonly endOfSource: boolean;
  readonly files: readonly ConvertedFile[];
};

const stateName = 'convert.json';

/** The state of the conversion in a run directory; undefined if its rows are not all spooled. Throws ImportError `run-dir`. */
export async function loadConvertState(folder: string): Promise<ConvertState | undefined> {
  return await readStoredJson(join(folder, stateName), isState);
}

/** Throws ImportError `disk-full`, `run-dir`. */
export async function saveConvertState(folder: string, state: ConvertState): Promise<void> {
  await writeDurably(join(folder, stateName), jsonText({ version: 1, ...state }));
}

function isState(value: JsonObject): value is JsonObject & ConvertState {
  const { lineBytes, endOfSource, files } = value;
  return (
    Array.isArray(lineBytes) &&
    lineBytes.every(isCount) &&
    typeof endOfSource === 'boolean' &&
    Array.isArray(files) &&
    files.every(isFile)
  );
}

function isFile(file: unknown): boolean {
  return (
    holdsCounts(file, ['items', 'superseded', 'lineBytes', 'bytes']) &&
    typeof file['name'] === 'string' &&
    /^[0-9a-f]{64}$/.test(String(file['sha256']))
  );
}

/** In the run directory until all capacity is restored. */
const raiseName = 'capacity.json';

export class RaiseFile implements RaiseStore {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, raiseName);
  }

  async save(raise: CapacityRaise): Promise<void> {
    await writeDurably(this.#path, jsonText({ version: 1, ...raise }));
  }

  async clear(): Promise<void> {
    try {
      await rm(this.#path, { force: true });
      await syncFolder(dirname(this.#path));
    } catch (error) {
      throw diskFault(this.#path, error);
    }
  }
}

/** What the run in this folder has not restored; undefined if nothing. Throws ImportError `run-dir` if it is damaged. */
export async function readRaise(folder: string): Promise<CapacityRaise | undefined> {
  const path = join(folder, raiseName);
  try {
    return await readStoredJson<CapacityRaise>(path, isRaise);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    throw new ImportError(error.code, error.message, {
      hint: 'Restore the capacity by its figure with import-tokens capacity restore --table NAME --wcu N, then delete the file.',
      cause: error,
    });
  }
}

/** The path with symlinks resolved; unchanged if nothing is there. */
export async function realPlace(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** The folders in `parent` whose runs left capacity raised, by name. */
export async function foldersWithRaise(parent: string): Promise<readonly string[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(parent, name));
  const found = await Promise.all(folders.map(async (folder) => ((await holdsRaise(folder)) ? [folder] : [])));
  return found.flat().sort();
}

async function holdsRaise(folder: string): Promise<boolean> {
  return access(join(folder, raiseName)).then(
    () => true,
    () => false,
  );
}

function isRaise(value: JsonObject): value is JsonObject & CapacityRaise {
  const { tableName, tableArn, region, endpointUrl, since, mayShowLate, parts, scaling, undoCommand } = value;
  return (
    [tableName, tableArn, region, since, undoCommand].every((text) => typeof text === 'string') &&
    (endpointUrl === undefined || typeof endpointUrl === 'string') &&
    (mayShowLate === undefined || mayShowLate === 'nothing' || mayShowLate === 'last-request') &&
    Array.isArray(parts) &&
    parts.every(isRaisedPart) &&
    Array.isArray(scaling) &&
    scaling.every((target) => isPart(target) && isSuspension(target['suspended']))
  );
}

function isRaisedPart(value: unknown): boolean {
  if (!isPart(value) || !holdsCounts(value, ['beforeWriteUnits', 'raisedWriteUnits'])) return false;
  const { earlierWriteUnits = [] } = value;
  return Array.isArray(earlierWriteUnits) && earlierWriteUnits.every(isCount);
}

function isPart(value: unknown): value is JsonObject {
  return isObject(value) && (value['index'] === undefined || typeof value['index'] === 'string');
}

function isSuspension(value: unknown): boolean {
  return isObject(value) && ['scaleIn', 'scaleOut', 'scheduled'].every((name) => typeof value[name] === 'boolean');
}
