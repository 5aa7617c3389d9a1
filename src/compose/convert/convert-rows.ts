import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { packFile } from '../../adapters/file/convert/converted-folder.ts';
import { openSpool, removeSpool } from '../../adapters/file/convert/spool.ts';
import { diskFault, writeThrough } from '../../adapters/file/durable-file.ts';
import { CheckpointFile, type ConvertState, saveConvertState } from '../../adapters/file/run/run-stores.ts';
import { isS3Url, parseS3Url } from '../../adapters/s3/s3-url.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { unitsOf } from '../../domain/amount.ts';
import type { Progress } from '../../domain/checkpoint.ts';
import { jsonText } from '../../domain/format.ts';
import { isAbort } from '../../domain/import-error.ts';
import type { NextStep, RowCounts, RunSummary } from '../../domain/run-summary.ts';
import { type KeyAttribute, uncheckedAttachments } from '../../domain/table.ts';
import { hashOfText } from '../../domain/token.ts';
import { shapingOptions } from '../../options/complete-options.ts';
import { planFiles, writeFiles } from '../../pipeline/convert/write-files.ts';
import type { ImportResult } from '../../pipeline/import-setup.ts';
import type { ConvertedFile, ConvertedFiles } from '../../ports/converted-files.ts';
import type { RunObserver } from '../../ports/run-observer.ts';
import { loadSteps } from '../../report/load-ways.ts';
import type { Preflight } from '../../report/plan/preflight.ts';
import type { DescribedTarget } from '../open-target.ts';
import { importSummary, keepSummary } from '../run/import-summary.ts';
import { recordRun } from '../run/record-run.ts';
import { manifestFile, type RunFolder } from '../run/run-folder.ts';
import { watchImport } from '../run/watch-import.ts';
import { shownPath } from '../shell-command.ts';
import type { MappedRows } from '../source/map-columns.ts';
import type { OpenedRows } from '../source/open-rows.ts';
import type { ConvertSurroundings } from '../surroundings.ts';
import { type Spooled, spoolRows } from './spool-rows.ts';

/**
 * Spools the rows, unless an earlier process has, and makes files of them. A later process begins with the first row, or
 * with the first file that is missing.
 * @param state what an earlier process spooled and made
 */
export async function convertRows(
  runFolder: RunFolder,
  rows: OpenedRows,
  mapped: MappedRows,
  target: DescribedTarget,
  files: ConvertedFiles,
  state: ConvertState | undefined,
  preflight: Preflight,
  surroundings: ConvertSurroundings,
): Promise<RunSummary> {
  const { options, runId, progress } = runFolder;
  const folder = runFolder.directory!.path;
  const spoolFolder = join(folder, 'spool');
  const record = await recordRun(folder, { runId, preflight, prices: options.prices }, surroundings.warn);
  const watching = await watchImport(runFolder, rows, target, noTraffic, record, surroundings);
  const startedMs = systemClock.nowMs();
  try {
    const isSpooled = state !== undefined && progress !== undefined;
    const spooled = isSpooled
      ? { result: resultOf(state, progress), state, progress }
      : await spoolRows(runFolder, rows, mapped, target, spoolFolder, watching, surroundings);
    watching.watch.close();
    const { result, made } = await makeFiles(
      spooled,
      runFolder,
      rows,
      mapped,
      files,
      spoolFolder,
      watching.observer,
      surroundings,
    );
    const seen = { ...watching.seen(), durationSeconds: Math.round(systemClock.nowMs() - startedMs) / 1000 };
    const attachments = async () => uncheckedAttachments('a conversion writes nothing to the table');
    const imported = await importSummary(
      runFolder,
      rows,
      { ...target, attachments },
      result,
      seen,
      undefined,
      surroundings,
    );
    const { resumeCommand, ...complete } = imported;
    const summary: RunSummary = {
      ...(result.finished ? complete : imported),
      converted: {
        to: files.place,
        files: made.length,
        items: sumOf(made, 'items'),
        bytes: sumOf(made, 'bytes'),
        ...(result.finished && made.length > 0 && { next: loadFiles(runFolder, target, mapped.key, surroundings) }),
      },
    };
    const finished = result.finished ? new CheckpointFile(folder, spooled.progress) : undefined;
    await keepSummary(summary, options, folder, finished, surroundings.warn);
    if (result.finished) await removeSpool(spoolFolder);
    await watching.end(summary);
    return summary;
  } catch (fault) {
    await watching.fail(fault);
    throw fault;
  } finally {
    watching.close();
  }
}

const noTraffic = { traffic: () => ({ connectionsOpened: 0, bytesSent: 0 }) };

/** The result of the process that spooled the rows. */
function resultOf(
  { endOfSource }: ConvertState,
  { mark, counts, rejectsByCode, neverDeleted = 0 }: Progress,
): ImportResult {
  return {
    counts: { read: mark.ordinal, ...counts, pending: 0 },
    rejectsByCode,
    neverDeleted,
    balanced: mark.ordinal === Object.values(counts).reduce((sum, count) => sum + count, 0),
    finished: true,
    endOfSource,
  };
}

/** Makes the files and the manifest. Rows that are spooled and in no file are pending. */
async function makeFiles(
  { result, state }: Spooled,
  runFolder: RunFolder,
  rows: OpenedRows,
  mapped: MappedRows,
  files: ConvertedFiles,
  spoolFolder: string,
  observer: RunObserver,
  { signal }: ConvertSurroundings,
): Promise<{ readonly result: ImportResult; readonly made: readonly ConvertedFile[] }> {
  if (state === undefined) return { result: { ...withFiles(result, []), finished: false }, made: [] };
  const { runId, directory, options } = runFolder;
  const planned = planFiles(state.lineBytes, options.fileBytes);
  let kept = state;
  try {
    const made = await writeFiles(planned, state.files, {
      spool: openSpool(spoolFolder, state.lineBytes),
      files,
      pack: packFile,
      seed: hashOfText(runId),
      signal,
      async record(file) {
        const others = kept.files.filter(({ name }) => name !== file.name);
        kept = { ...kept, files: [...others, file] };
        await saveConvertState(directory!.path, kept);
        const number = planned.findIndex(({ name }) => name === file.name) + 1;
        observer.on({ kind: 'file-made', name: file.name, items: file.items, number, files: planned.length });
      },
    });
    const whole = withFiles(result, made);
    await putManifest(files, runFolder, rows, mapped, whole.counts, made);
    return { result: whole, made };
  } catch (fault) {
    const stopped = { ...withFiles(result, kept.files), finished: false };
    return { result: isAbort(fault, signal) ? stopped : { ...stopped, fault }, made: kept.files };
  }
}

/** The result with the fates that rows met in the files. */
function withFiles(result: ImportResult, files: readonly ConvertedFile[]): ImportResult {
  const { written: spooled, superseded: before, pending: left } = result.counts;
  const written = sumOf(files, 'items');
  const superseded = sumOf(files, 'superseded');
  const pending = left + spooled - written - superseded;
  const counts = { ...result.counts, written, superseded: before + superseded, pending };
  return { ...result, counts, balanced: result.balanced && counts.pending >= 0 };
}

function sumOf(files: readonly ConvertedFile[], name: 'items' | 'superseded' | 'bytes'): number {
  return files.reduce((sum, file) => sum + file[name], 0);
}

const manifestName = 'manifest.json';

/** Puts the manifest, which says what the files hold and that they are all there. Throws as `ConvertedFiles.put` does. */
async function putManifest(
  files: ConvertedFiles,
  { runId, createdAt, options }: RunFolder,
  { source, format }: OpenedRows,
  { key, columns }: MappedRows,
  rows: RowCounts,
  made: readonly ConvertedFile[],
): Promise<void> {
  const text = jsonText({
    version: 1,
    runId,
    createdAt,
    inputFormat: 'DYNAMODB_JSON',
    inputCompressionType: 'GZIP',
    table: options.table,
    key,
    columns: columns.map(({ sourceName, name, type }) => ({ sourceName, name, type })),
    source: source.files.map(manifestFile),
    format,
    options: shapingOptions(options),
    rows,
    files: made,
  });
  const staged = join(files.stagingFolder, `.${manifestName}.tmp`);
  await writeThrough(staged, text).catch(async (error: unknown) => {
    await rm(staged, { force: true });
    throw diskFault(staged, error);
  });
  const sha256 = createHash('sha256').update(text).digest('hex');
  await files.put(staged, { name: manifestName, bytes: Buffer.byteLength(text), sha256 });
}

/** How AWS loads the files of the run into a table. */
function loadFiles(
  { options, runId }: RunFolder,
  { table, region }: DescribedTarget,
  key: readonly KeyAttribute[],
  surroundings: ConvertSurroundings,
): readonly NextStep[] {
  const { wps, profile, endpointUrl } = options;
  const to = options.to!;
  const units = wps && unitsOf(wps, table?.provisionedWriteUnits ?? 0);
  return loadSteps(placeOf(to, surroundings), {
    place: { tableName: options.table, region: table?.region ?? region ?? options.region, profile, endpointUrl },
    key,
    table,
    runId,
    // A share of a table on demand, or of one that is not described, is not known.
    unitsPerSecond: units === 0 ? undefined : units,
  });
}

function placeOf(to: string, surroundings: ConvertSurroundings) {
  if (!isS3Url(to)) return { folder: shownPath(to, surroundings) };
  const { bucket, key: prefix } = parseS3Url(to);
  return { bucket, prefix };
}
