import { resolve } from 'node:path';
import { createRunDirectory, RunDirectory } from '../../adapters/file/run/run-directory.ts';
import {
  loadVerifyState,
  type VerifyState,
  VerifyStateFiles,
  verifyStateName,
} from '../../adapters/file/run/verify-state.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { ImportError } from '../../domain/import-error.ts';
import { type Position, Row } from '../../domain/row.ts';
import { shardFolderName } from '../../domain/token.ts';
import type { RunningHash } from '../../input/source-hash.ts';
import { resumeOptions, storedOptions } from '../../options/complete-options.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { RunControl } from '../../pipeline/run-control.ts';
import type { Difference, DifferenceChange, Differences } from '../../pipeline/verify/held-rows.ts';
import type { VerifyCounts } from '../../pipeline/verify/read-batches.ts';
import type { VerifyProgress, VerifyRun } from '../../pipeline/verify/verify-run.ts';
import type { Clock } from '../../ports/clock.ts';
import { shardOf } from '../resolve-shard.ts';
import { resumedFolder } from '../run/resume-run.ts';
import { manifestFile, underLock } from '../run/run-folder.ts';
import type { OpenedRows } from '../source/open-rows.ts';
import type { VerifySurroundings } from '../surroundings.ts';

/** The folder of a verification, locked. */
export type VerifyFolder = {
  readonly directory: RunDirectory;
  readonly state: VerifyState;
  readonly options: ImportOptions;
};

/** The verification in the folder of `--resume`, locked. Throws ImportError `run-dir`, `run-locked`, `resume-mismatch`. */
export async function reopenVerify(given: ImportOptions, surroundings: VerifySurroundings): Promise<VerifyFolder> {
  const folder = await resumedFolder(given, 'verify', surroundings);
  const directory = new RunDirectory(resolve(surroundings.cwd, folder));
  // Leaves no lock in a folder that holds something else.
  await stateIn(directory);
  return underLock(directory, surroundings, async () => {
    // Read again under the lock: another process may have continued it until now.
    const state = await stateIn(directory);
    return { directory, state, options: resumeOptions(state.options, given) };
  });
}

async function stateIn({ path }: RunDirectory): Promise<VerifyState> {
  const state = await loadVerifyState(path);
  if (state !== undefined) return state;
  throw new ImportError('run-dir', `${path} holds no verification: it has no ${verifyStateName}`, {
    hint: 'Name the folder that the verification printed; to resume an import, leave out verify.',
  });
}

/** Begins a verification in a folder of its own, locked. Throws ImportError `run-dir`, `disk-full`. */
export async function beginVerify(
  options: ImportOptions,
  { source, names: columns, reading }: Pick<OpenedRows, 'source' | 'names' | 'reading'>,
  seed: number,
  surroundings: VerifySurroundings,
): Promise<VerifyFolder> {
  const shard = shardOf(options);
  const directory = await createRunDirectory(options.runDir ?? undefined, {
    nowMs: systemClock.wallMs(),
    cwd: surroundings.cwd,
    shard: shard && shardFolderName(shard),
  });
  return underLock(directory, surroundings, async () => {
    const state: VerifyState = {
      version: 1,
      columns,
      reading,
      seed,
      options: storedOptions(options),
      source: source.files.map(manifestFile),
    };
    const files = await VerifyStateFiles.open(directory.path, state);
    await files.begin();
    await files.close();
    return { directory, state, options };
  });
}

const intervalMs = 1000;

/** Saves the progress of a verification of all rows, and what it found, once a second. */
export class VerifySaver {
  readonly files: VerifyStateFiles;
  /** Where an earlier process stopped. */
  readonly restored: VerifyProgress | undefined;
  readonly #hash: RunningHash;
  readonly #control: RunControl;
  readonly #differences: Differences;
  readonly #clock: Clock;
  #saving: Promise<void> = Promise.resolve();
  #cancelTimer: (() => void) | undefined;
  #failed = false;

  private constructor(
    files: VerifyStateFiles,
    restored: VerifyProgress | undefined,
    hash: RunningHash,
    control: RunControl,
    differences: Differences,
    clock: Clock,
  ) {
    this.files = files;
    this.restored = restored;
    this.#hash = hash;
    this.#control = control;
    this.#differences = differences;
    this.#clock = clock;
  }

  static async open(
    { directory, state }: VerifyFolder,
    hash: RunningHash,
    control: RunControl,
    differences: Differences,
    clock: Clock,
  ): Promise<VerifySaver> {
    const files = await VerifyStateFiles.open(directory.path, state);
    if (state.progress === undefined) return new VerifySaver(files, undefined, hash, control, differences, clock);
    const counts = state.progress.counts as unknown as VerifyCounts;
    const changes: DifferenceChange[] = [];
    for await (const stored of files.found()) changes.push(changeOf(stored as StoredChange));
    differences.restore(changes, counts);
    return new VerifySaver(files, { mark: state.progress.mark, counts }, hash, control, differences, clock);
  }

  start(run: VerifyRun): void {
    this.#cancelTimer = this.#clock.setTimer(intervalMs, () => {
      void this.#save(run).then(() => {
        if (this.#cancelTimer !== undefined) this.start(run);
      });
    });
  }

  async close(run: VerifyRun): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    await this.#save(run);
  }

  finish(): Promise<void> {
    return this.files.finish();
  }

  #save(run: VerifyRun): Promise<void> {
    this.#saving = this.#saving
      .then(() => {
        const { mark, counts } = run.progress;
        // After a fault the differences that were taken are gone: a later mark must not be saved without them.
        if (mark.ordinal === 0 || this.#failed) return undefined;
        const changes = this.#differences.takeChanges().map(storedChange);
        return this.files.save(changes, { mark, counts, hash: this.#hash.below(mark) });
      })
      .catch((error: unknown) => {
        this.#failed = true;
        this.#control.fail(error);
      });
    return this.#saving;
  }
}

/** Rows with their bytes, since a pipe cannot be read again. */
type StoredChange = {
  readonly key: string;
  readonly kind?: Difference['kind'];
  readonly attributes?: Difference['attributes'];
  readonly position?: Position & { readonly lines: number };
  readonly bytes?: string;
};

function storedChange({ key, difference }: DifferenceChange): StoredChange {
  if (difference === undefined) return { key: encoded(key) };
  const { kind, attributes, row } = difference;
  const { byteLength, fileIndex, ordinal, line, lines, byteOffset } = row;
  return {
    key: encoded(key),
    kind,
    attributes,
    position: { byteLength, fileIndex, ordinal, line, lines, byteOffset },
    bytes: Buffer.from(row.bytes).toString('base64'),
  };
}

function changeOf({ key, kind, attributes = [], position, bytes = '' }: StoredChange): DifferenceChange {
  const decoded = Buffer.from(key, 'base64').toString('utf16le');
  if (kind === undefined) return { key: decoded, difference: undefined };
  const { byteLength, fileIndex, ordinal, line, lines, byteOffset } = position!;
  const row = new Row(Buffer.from(bytes, 'base64'), 0, byteLength, fileIndex, ordinal, line, lines, byteOffset);
  return { key: decoded, difference: { kind, attributes, row } };
}

/** Keys can hold any code unit; JSON allows lone surrogates, but not every tool that reads it does. */
function encoded(key: string): string {
  return Buffer.from(key, 'utf16le').toString('base64');
}
