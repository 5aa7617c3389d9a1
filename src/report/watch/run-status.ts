import { jsonText } from '../../domain/format.ts';
import type { RowCounts, RunSummary } from '../../domain/run-summary.ts';
import { formatCount, formatDuration, formatNoun, printable } from '../format.ts';
import type { ReportData } from '../page/report-data.ts';
import { headline } from '../page/report-sections.ts';
import { labelled, pageOf, wrappedText, wrapWords } from '../page.ts';
import { summaryText } from '../summary-text.ts';
import { liveLines, type ViewSize } from './live-view.ts';
import type { RunFigures } from './run-context.ts';

/** How a run stands, seen from outside of its process. */
export type RunStatus = {
  readonly runDir: string;
  readonly runId: string;
  readonly state: ReportData['state'];
  /** When its last process began, in ms since 1970; undefined where none got so far. */
  readonly begunMs: number | undefined;
  /** As that process told them last; undefined before its first sample. */
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
  return jsonText({ version: 1, ...status });
}

/** `pageColumns`: where there is a terminal to wrap for. */
type StatusSize = ViewSize & { readonly pageColumns?: number | undefined };

/** The status as one reads it; the figures are those that the run itself shows. */
export function statusText(status: RunStatus, nowMs: number, size: StatusSize): string {
  const { summary, figures, begunMs, counts, runDir, state, resumeCommand } = status;
  if (summary !== undefined) return summaryText(summary, { runDir, columns: size.pageColumns });
  const columns = size.pageColumns ?? Infinity;
  const ago = (ms: number) => `${formatDuration(Math.max(0, Math.round((nowMs - ms) / 1000)))} ago`;
  return pageOf([
    wrapWords(headline({ history: undefined, summary, state }).split(' '), columns, 2),
    ...(figures === undefined
      ? []
      : liveLines(state === 'gone' ? { ...figures, etaSeconds: undefined } : figures, size)),
    figures === undefined ? undefined : labelled('as of', ago(figures.atMs)),
    figures === undefined && begunMs !== undefined
      ? wrappedText('begun', `${ago(begunMs)}, no figures yet`, columns)
      : undefined,
    wrappedText('checkpoint', doneText(counts, state), columns),
    labelled('run dir', printable(runDir)),
    ...(resumeCommand === undefined ? [] : ['To go on with it:', `  ${printable(resumeCommand)}`]),
  ]);
}

function doneText(counts: RowCounts | undefined, state: RunStatus['state']): string {
  if (counts === undefined) return state === 'running' ? 'none yet' : 'none: a resume begins with the first row';
  return `${formatNoun(counts.read, 'row')} done, ${formatCount(counts.rejected)} of them rejected`;
}
