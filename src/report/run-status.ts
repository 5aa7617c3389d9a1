import type { RowCounts, RunSummary } from '../domain/run-summary.ts';
import { labelled } from './columns.ts';
import { formatCount, formatDuration, formatNoun } from './format.ts';
import { liveLines, type ViewSize } from './live-view.ts';
import { printable } from './printable.ts';
import type { ReportData } from './report-data.ts';
import { headline } from './report-words.ts';
import type { RunFigures } from './run-figures.ts';
import { summaryText } from './summary-text.ts';

/** How a run stands, seen from outside of its process. */
export type RunStatus = {
  readonly runDir: string;
  readonly runId: string;
  readonly state: ReportData['state'];
  /** As its process told them last. */
  readonly figures: RunFigures | undefined;
  /** Rows below the last checkpoint. */
  readonly counts: RowCounts | undefined;
  /** Of a run that has ended. */
  readonly summary: RunSummary | undefined;
  /** Where it ended without a word. */
  readonly resumeCommand: string | undefined;
};

/** The status as `--json` prints it, schema version 1. */
export function statusJson(status: RunStatus): string {
  return `${JSON.stringify({ version: 1, ...status }, undefined, 2)}\n`;
}

/** The status as one reads it; the figures are those that the run itself shows. */
export function statusText(status: RunStatus, nowMs: number, size: ViewSize): string {
  const { summary, figures, counts, runDir, state, resumeCommand } = status;
  if (summary !== undefined) return summaryText(summary, { runDir });
  const ageSeconds = figures === undefined ? 0 : Math.max(0, (nowMs - figures.atMs) / 1000);
  return [
    headline({ history: undefined, summary, state }),
    ...(figures === undefined ? [] : liveLines(figures, size)),
    figures === undefined ? undefined : labelled('as of', `${formatDuration(Math.round(ageSeconds))} ago`),
    counts === undefined
      ? undefined
      : labelled(
          'checkpoint',
          `${formatNoun(counts.read, 'row')} done, ${formatCount(counts.rejected)} of them rejected`,
        ),
    labelled('run dir', printable(runDir)),
    ...(resumeCommand === undefined ? [] : ['To go on with it:', `  ${printable(resumeCommand)}`]),
  ]
    .filter((line) => line !== undefined)
    .join('\n')
    .concat('\n');
}
