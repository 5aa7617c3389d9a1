import { checkConvertedFolder, convertedFolder } from '../../adapters/file/convert/converted-folder.ts';
import { loadConvertState } from '../../adapters/file/run/run-stores.ts';
import { isS3Url } from '../../adapters/s3/s3-url.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import type { RunSummary } from '../../domain/run-summary.ts';
import { type TableAttachments, type TableInfo, uncheckedAttachments } from '../../domain/table.ts';
import { rehearsalRate } from '../../limit/choose-rate.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { ConvertedFiles } from '../../ports/converted-files.ts';
import { openS3Connection, openTable } from '../open-connection.ts';
import type { DescribedTarget } from '../open-target.ts';
import { preflightFacts } from '../plan/preflight.ts';
import { checkSummaryFile } from '../run/import-summary.ts';
import { checkSameTable, manifestTable, resumedFolder } from '../run/resume-run.ts';
import { beginRun, type RunFolder, reopenRun } from '../run/run-folder.ts';
import { openRows } from '../source/open-rows.ts';
import { type OpenedSource, withSource } from '../source/open-source.ts';
import { manifestExpiry, skipExpired } from '../source/skip-expired.ts';
import { withAbsolutePaths } from '../source/source-places.ts';
import { type ConvertSurroundings, type Surroundings, unlessStopped } from '../surroundings.ts';
import { convertRows } from './convert-rows.ts';

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

/** A place that files can be put in once the run has a directory. */
type OpenedPlace = {
  files(runDirectory: string): ConvertedFiles;
  close(): Promise<void>;
};

/**
 * Opens the folder or prefix of `--to`. Throws ImportError `usage` if a new run would find files in the folder, and what a
 * connection to S3 fails with.
 */
async function openPlace(
  options: ImportOptions,
  isNew: boolean,
  surroundings: ConvertSurroundings,
): Promise<OpenedPlace> {
  const to = options.to!;
  if (!isS3Url(to)) {
    if (isNew) await checkConvertedFolder(to);
    return { files: () => convertedFolder(to), close: async () => {} };
  }
  const { convertedPrefix, parseConvertedPrefix } = await import('../../adapters/s3/converted-prefix.ts');
  parseConvertedPrefix(to);
  const connection = await openS3Connection(options, surroundings);
  return {
    files: (stagingFolder) => convertedPrefix(connection, to, { ...surroundings, stagingFolder }),
    close: () => connection.close(),
  };
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

/**
 * Describes the table. With `--key` nothing is connected to: the table of an ImportTable does not exist yet. Throws
 * ImportError, with what to do, for a table that cannot be described.
 */
async function openConvertTarget(
  options: ImportOptions,
  surroundings: Pick<Surroundings, 'env' | 'signal' | 'warn'>,
): Promise<DescribedTarget> {
  if (options.key !== undefined) {
    return { ...unlimited(undefined), endpoint: 'none', region: undefined, close: async () => {} };
  }
  const { connection, table, endpoint } = await openTable(options, undefined, surroundings);
  const { describeAttachments } = await import('../../adapters/dynamodb/table/describe-table.ts');
  let attachments: Promise<TableAttachments> | undefined;
  return {
    ...unlimited(table),
    endpoint,
    region: connection.region,
    attachments: () =>
      (attachments ??= unlessStopped(surroundings.signal, describeAttachments(connection, options.table))),
    close: () => connection.close(),
  };
}

/** Nothing is written to the table, so that no rate applies. */
function unlimited(table: TableInfo | undefined) {
  const rate = rehearsalRate(undefined, undefined);
  return {
    table,
    rate,
    chooseRate: () => rate,
    attachments: async () => uncheckedAttachments('with --key no table is described'),
  };
}

const notPreviewed = {
  sampleRows: 0,
  sampleRejects: {},
  concurrency: 1,
  keySpreads: [],
  sideEffects: [],
  notChecked: [],
};
