import { join, resolve } from 'node:path';
import { createRunDirectory, RunDirectory } from '../../adapters/file/run/run-directory.ts';
import {
  loadVerifyState,
  type VerifyState,
  VerifyStateFiles,
  verifyStateName,
} from '../../adapters/file/run/verify-state.ts';
import type { FileSourceFile } from '../../adapters/file/source/file-source.ts';
import { isCount, readStoredJson } from '../../adapters/file/stored-json.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { VerifyReport } from '../../domain/verify-report.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { resumeOptions, storedOptions } from '../../options/resume-options.ts';
import { manifestFile, underLock } from '../run/run-folder.ts';
import type { VerifySurroundings } from '../surroundings.ts';

export const reportName = 'verify-report.json';

/** The folder of a verification, locked. */
export type VerifyFolder = {
  readonly directory: RunDirectory;
  readonly state: VerifyState;
  readonly options: ImportOptions;
};

/** The verification that was begun in the folder of `--resume`. Throws ImportError `run-dir`, `run-locked`, `resume-mismatch`. */
export async function reopenVerify(given: ImportOptions, world: VerifySurroundings): Promise<VerifyFolder> {
  const directory = new RunDirectory(resolve(world.cwd, given.resume!));
  // No lock is left in a folder that is something else.
  await stateIn(directory);
  return underLock(directory, world, async () => {
    // Read under the lock: another process may have gone on with it until a moment ago.
    const state = await stateIn(directory);
    return { directory, state, options: resumeOptions(state.options, given) };
  });
}

async function stateIn({ path }: RunDirectory): Promise<VerifyState> {
  const state = await loadVerifyState(path);
  if (state !== undefined) return state;
  throw new ImportError('run-dir', `${path} holds no verification: ${verifyStateName} is not there`, {
    hint: 'Name the folder that the verification printed; an import is resumed without the word verify.',
  });
}

export async function beginVerify(
  options: ImportOptions,
  world: VerifySurroundings,
  source: {
    readonly files: readonly FileSourceFile[];
    readonly columns: readonly string[];
    readonly reading: NonNullable<VerifyState['reading']>;
    readonly seed: number;
  },
): Promise<VerifyFolder> {
  const place = { nowMs: systemClock.wallMs(), cwd: world.cwd };
  const directory = await createRunDirectory(options.runDir ?? undefined, place);
  return underLock(directory, world, async () => {
    const { columns, reading, seed } = source;
    const state: VerifyState = {
      ...{ version: 1, columns, reading, seed },
      options: storedOptions(options),
      source: source.files.map(manifestFile),
    };
    const files = await VerifyStateFiles.open(directory.path, state);
    await files.begin();
    await files.close();
    return { directory, state, options };
  });
}

/** What a finished verification reported. */
export async function storedReport(folder: string): Promise<VerifyReport> {
  const path = join(folder, reportName);
  const report = await readStoredJson(path, (value): value is typeof value & VerifyReport =>
    isCount(value['exitCode']),
  );
  if (report !== undefined) return report;
  throw new ImportError('run-dir', `the verification in ${folder} is finished, but ${reportName} is not there`, {
    hint: 'Start a new verification without --resume.',
  });
}
