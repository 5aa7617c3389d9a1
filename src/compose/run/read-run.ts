import { join } from 'node:path';
import { isCount, isObject, readStoredJson, replaceFile, writeDurably } from '../../adapters/file/durable-file.ts';
import { openRunDirectory } from '../../adapters/file/run/run-directory.ts';
import { holderOf } from '../../adapters/file/run/run-lock.ts';
import { type RunManifest, readManifest } from '../../adapters/file/run/run-manifest.ts';
import { loadCheckpoint, readRaise } from '../../adapters/file/run/run-stores.ts';
import { processIdentity } from '../../adapters/system/process-identity.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import type { Progress } from '../../domain/checkpoint.ts';
import { jsonText } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { RowCounts, VerifyReport } from '../../domain/run-summary.ts';
import { reportPage } from '../../report/page/report-page.ts';
import type { RunStatus } from '../../report/watch/run-status.ts';
import { raisedInShort } from '../capacity/restore-raise.ts';
import { restoreCommand, resumeCommand } from '../shell-command.ts';
import type { RunPlace } from '../surroundings.ts';
import { progressName, readHistory, reportName, type StoredProgress } from './record-run.ts';
import { isConversion, storedSummary, summaryName } from './run-folder.ts';

/** How long a write to the disk may take, with clocks that differ between two hosts. */
export const silentMs = 60_000;

/** Reads the state of the run in a folder. Throws ImportError `run-dir` if it holds none. */
export async function readRun(folder: string, place: RunPlace): Promise<RunStatus> {
  const { path } = await openRunDirectory(folder, place);
  const [holder, manifest, checkpoint, progress, summary, raise] = await Promise.all([
    holderOf(path, place.pid, processIdentity),
    readManifest(path),
    loadCheckpoint(path),
    readStoredJson(join(path, progressName), isStoredProgress),
    storedSummary(path),
    readRaise(path).catch(() => undefined),
  ]);
  const isRunning = holder === 'alive' || (holder === 'unknown' && tellsOfItself(progress));
  // One that began and let go of the folder again was stopped before its first row: what was before still holds.
  const hasNoPart = progress?.figures === undefined && holder === 'none';
  // A summary may be that of a process before the one that was killed, but for a run of which no row is left.
  const isLast = checkpoint?.finished !== undefined || progress?.ended !== false || hasNoPart;
  const hasEnded = !isRunning && summary !== undefined && isLast;
  const sources = manifest?.source.map(({ path: known }) => known ?? '-') ?? [];
  return {
    runDir: path,
    runId: manifest?.runId ?? progress?.runId ?? '',
    startedAt: manifest?.createdAt,
    sources,
    table: tableOf(manifest) ?? summary?.table ?? raise?.tableName ?? '',
    raised: raise && {
      parts: raise.parts.map(raisedInShort),
      restoreCommand: restoreCommand(path, place),
      awsCommand: raise.undoCommand,
    },
    state: isRunning ? 'running' : hasEnded ? 'ended' : 'gone',
    begunMs: progress?.begunMs,
    figures: progress?.figures,
    counts: checkpoint === undefined ? undefined : countsBelow(checkpoint.progress),
    summary: hasEnded ? summary : undefined,
    resumeCommand:
      isRunning || hasEnded
        ? undefined
        : resumeCommand(path, sources, place, manifest !== undefined && isConversion(manifest)),
  };
}

function tableOf(manifest: RunManifest | undefined): string | undefined {
  const { table, repository } = (manifest?.options ?? {}) as { readonly table?: string; readonly repository?: string };
  return repository === 'memory' ? 'memory' : table;
}

/** On another host or in another container, only what it writes once a second tells that it is alive. */
function tellsOfItself(progress: StoredProgress | undefined): boolean {
  if (progress === undefined || progress.ended) return false;
  return systemClock.wallMs() - (progress.figures?.atMs ?? progress.begunMs) < silentMs;
}

/** Rows below the mark, each of which is done. */
function countsBelow({ mark, counts }: Progress): RowCounts {
  return { read: mark.ordinal, ...counts, pending: 0 };
}

function isStoredProgress(value: Readonly<Record<string, unknown>>): value is StoredProgress & typeof value {
  const { runId, begunMs, ended, figures } = value;
  const isKnown = typeof runId === 'string' && typeof begunMs === 'number' && typeof ended === 'boolean';
  return isKnown && (figures === undefined || isObject(figures));
}

/** Writes the report of the run in a folder again, and returns its path. Throws ImportError `run-dir`, `disk-full`. */
export async function composeReport(folder: string, place: RunPlace): Promise<string> {
  const status = await readRun(folder, place);
  const path = join(status.runDir, reportName);
  await replaceFile(path, reportPage({ history: await readHistory(status.runDir), ...status }));
  return path;
}

/** Adds what the verification after an import found to the summary and the report in its run directory. */
export async function keepVerification(
  folder: string,
  { outcome, exitCode, rows, files }: VerifyReport,
  place: RunPlace,
): Promise<void> {
  const summary = await storedSummary(folder);
  if (summary === undefined) return;
  const verification = { outcome, exitCode, rows, files };
  await writeDurably(join(folder, summaryName), jsonText({ ...summary, verification }));
  await composeReport(folder, place);
}

export const verifyReportName = 'verify-report.json';

/** The report of a finished verification. Throws ImportError `run-dir` if it is missing. */
export async function storedReport(folder: string): Promise<VerifyReport> {
  const path = join(folder, verifyReportName);
  const report = await readStoredJson(path, (value): value is typeof value & VerifyReport =>
    isCount(value['exitCode']),
  );
  if (report !== undefined) return report;
  throw new ImportError(
    'run-dir',
    `the verification in ${folder} is finished, but its ${verifyReportName} is missing`,
    {
      hint: 'Start a new verification without --resume.',
    },
  );
}
