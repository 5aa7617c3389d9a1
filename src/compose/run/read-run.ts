import { join } from 'node:path';
import { replaceFile } from '../../adapters/file/durable-file.ts';
import { loadCheckpoint } from '../../adapters/file/run/checkpoint-file.ts';
import { openRunDirectory } from '../../adapters/file/run/run-directory.ts';
import { holderOf } from '../../adapters/file/run/run-lock.ts';
import { readManifest } from '../../adapters/file/run/run-manifest.ts';
import { isObject, readStoredJson } from '../../adapters/file/stored-json.ts';
import { processIdentity } from '../../adapters/system/process-identity.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import type { Progress } from '../../domain/checkpoint.ts';
import type { RowCounts } from '../../domain/run-summary.ts';
import { reportPage } from '../../report/page/report-page.ts';
import type { RunStatus } from '../../report/watch/run-status.ts';
import { resumeCommand } from '../shell-command.ts';
import type { RunPlace } from '../surroundings.ts';
import { progressName, readHistory, reportName, type StoredProgress } from './record-run.ts';
import { storedSummary } from './run-folder.ts';

/** So long a disk may take, and clocks of two hosts differ. */
const silentMs = 60_000;

/** Looks at the run in a folder and changes nothing. Throws ImportError `run-dir` where it holds none. */
async function readRun(folder: string, place: RunPlace): Promise<RunStatus> {
  const { path } = await openRunDirectory(folder, place);
  const [holder, manifest, checkpoint, progress, summary] = await Promise.all([
    holderOf(path, place.pid, processIdentity),
    readManifest(path),
    loadCheckpoint(path),
    readStoredJson(join(path, progressName), isStoredProgress),
    storedSummary(path),
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
    state: isRunning ? 'running' : hasEnded ? 'ended' : 'gone',
    begunMs: progress?.begunMs,
    figures: progress?.figures,
    counts: checkpoint === undefined ? undefined : countsBelow(checkpoint.progress),
    summary: hasEnded ? summary : undefined,
    resumeCommand: isRunning || hasEnded ? undefined : resumeCommand(path, sources, place),
  };
}

/** On another host or in another container only what it writes tells that it lives: every second it does. */
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

/** The status of the run in a folder, with the time now. Throws ImportError `run-dir` where it holds none. */
export async function composeStatus(
  folder: string,
  place: RunPlace,
): Promise<{ readonly status: RunStatus; readonly nowMs: number }> {
  return { status: await readRun(folder, place), nowMs: systemClock.wallMs() };
}

/** Draws the report of the run in a folder anew, and returns its path. Throws ImportError `run-dir`, `disk-full`. */
export async function composeReport(folder: string, place: RunPlace): Promise<string> {
  const status = await readRun(folder, place);
  const path = join(status.runDir, reportName);
  await replaceFile(path, reportPage({ history: await readHistory(status.runDir), ...status }));
  return path;
}
