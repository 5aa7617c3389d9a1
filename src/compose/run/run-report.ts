import { join } from 'node:path';
import { replaceFile } from '../../adapters/file/durable-file.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { reportPage } from '../../report/page/report-page.ts';
import type { RunStatus } from '../../report/watch/run-status.ts';
import type { RunPlace } from '../surroundings.ts';
import { readRun } from './read-run.ts';
import { readHistory, reportName } from './record-run.ts';

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
