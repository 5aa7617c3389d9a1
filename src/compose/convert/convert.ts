import { loadConvertState } from '../../adapters/file/run/checkpoint-file.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import type { RunSummary } from '../../domain/run-summary.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { checkSameTable, manifestTable } from '../open-table.ts';
import { preflightFacts } from '../plan/preflight.ts';
import { checkSummaryFile } from '../run/import-summary.ts';
import { resumedFolder } from '../run/list-runs.ts';
import { beginRun, type RunFolder, reopenRun } from '../run/run-folder.ts';
import { openRows } from '../source/open-rows.ts';
import { type OpenedSource, withSource } from '../source/open-source.ts';
import { manifestExpiry, skipExpired } from '../source/skip-expired.ts';
import { withAbsolutePaths } from '../source/source-places.ts';
import type { ConvertSurroundings } from '../surroundings.ts';
import { convertRows } from './convert-rows.ts';
import { openConvertTarget } from './convert-target.ts';
import { type OpenedPlace, openPlace } from './open-place.ts';

/** Runs one conversion, from options to summary. Throws ImportError for what stops it before the first row. */
export async function composeConvert(asked: ImportOptions, surroundings: ConvertSurroundings): Promise<RunSummary> {
  const given = withAbsolutePaths(asked, surroundings);
  const { resume } = given;
  const reopened =
    resume === undefined
      ? undefined
      : await reopenRun(await resumedFolder(given, 'convert', surroundings), given, surroundings, {
          command: 'convert',
        });
  try {
    if (reopened?.summary !== undefined) {
      surroundings.warn('this run is finished: its summary and exit code are repeated, nothing is written');
      return reopened.summary;
    }
    const options = reopened?.options ?? given;
    await checkSummaryFile(options, surroundings.cwd);
    return await withSource(options, surroundings, reopened, (source) =>
      convertFrom(source, options, reopened, surroundings),
    );
  } finally {
    await reopened?.directory?.close();
  }
}

async function convertFrom(
  source: OpenedSource,
  options: ImportOptions,
  reopened: RunFolder | undefined,
  surroundings: ConvertSurroundings,
): Promise<RunSummary> {
  const place = await openPlace(options, reopened === undefined, surroundings);
  try {
    return await convertInto(place, source, options, reopened, surroundings);
  } finally {
    await place.close();
  }
}

async function convertInto(
  place: OpenedPlace,
  source: OpenedSource,
  options: ImportOptions,
  reopened: RunFolder | undefined,
  surroundings: ConvertSurroundings,
): Promise<RunSummary> {
  const clockMs = systemClock.wallMs();
  // Either no row is spooled, or all are: nothing continues in the middle of the source.
  const rows = await openRows(options, source, reopened && { ...reopened, progress: undefined }, surroundings);
  const target = await openConvertTarget(options, surroundings);
  let begun: RunFolder | undefined;
  try {
    checkSameTable(reopened?.table, target);
    const ttlAttribute = async () => (await target.attachments()).ttlAttribute;
    const mapped = await skipExpired(options, rows.mapTo(target.table), ttlAttribute, clockMs, reopened?.expiry);
    const expiry = manifestExpiry(mapped, clockMs);
    if (reopened === undefined) {
      begun = await beginRun(options, rows, manifestTable(target), expiry, surroundings);
    }
    const runFolder = reopened ?? begun!;
    const files = place.files(runFolder.directory!.path);
    await files.claim(runFolder.runId).catch(async (error: unknown) => {
      await begun?.discard();
      throw error;
    });
    const state = await loadConvertState(runFolder.directory!.path);
    surroundings.began?.(runFolder.directory!.path);
    const preflight = preflightFacts(runFolder, rows, mapped, target, notPreviewed);
    return await convertRows(runFolder, rows, mapped, target, files, state, preflight, surroundings);
  } finally {
    await target.close();
    await begun?.directory?.close();
  }
}

const notPreviewed = {
  sampleRows: 0,
  sampleRejects: {},
  concurrency: 1,
  keySpreads: [],
  sideEffects: [],
  notChecked: [],
};
