import type { RowCounts, RunSummary } from '../../domain/run-summary.ts';
import { noTotals, type RunTotals, sum } from '../../domain/run-totals.ts';
import { outcomeText } from '../summary-text.ts';
import type { RunHistory } from './run-history.ts';

/** What a report is drawn from. */
export type ReportData = {
  /** Absent where the run was too short, or too unlucky, to keep one. */
  readonly history: RunHistory | undefined;
  /** Absent as long as the run has not ended. */
  readonly summary: RunSummary | undefined;
  /** `gone`: it ended without a word, as after a kill. */
  readonly state: 'ended' | 'running' | 'gone';
  /** Of a run that has not ended, as of its last checkpoint. */
  readonly counts?: RowCounts | undefined;
  readonly resumeCommand?: string | undefined;
  /** The commands that restore capacity that the run left raised. */
  readonly raised?: { readonly restoreCommand: string; readonly awsCommand: string } | undefined;
};

/** What all processes of the run counted. */
export function totalsOf({ history, summary }: ReportData): RunTotals {
  const samples = history?.samples ?? [];
  if (samples.length > 0 || summary === undefined) return samples.reduce<RunTotals>(sum, noTotals);
  // A run of a moment has no sample, and then only one process.
  return {
    ...noTotals,
    durationMs: summary.durationSeconds * 1000,
    writeUnits: summary.writeUnits,
    requestsThrottled: summary.requests.throttled,
    requestsSent: summary.requests.sent,
    unprocessedItems: summary.requests.unprocessedItems,
    bytesSent: summary.bytesSent,
  };
}

/** The run in one sentence. */
export function headline({ summary, state }: ReportData): string {
  if (summary !== undefined) return outcomeText(summary);
  return state === 'running'
    ? 'The import is running.'
    : 'The process ended without a word, as after a kill. What it wrote is kept; a resume goes on from there.';
}

type Tone = 'good' | 'fair' | 'bad' | 'neutral';

/** How the run went, at a glance. */
export function toneOf({ summary, state }: ReportData): Tone {
  if (summary === undefined) return state === 'running' ? 'neutral' : 'bad';
  // Amber as well if the source was not read to its end: rows may be left.
  if (summary.outcome === 'completed') return summary.stoppedAtMaxRows ? 'fair' : 'good';
  return summary.outcome === 'completed-with-rejects' || summary.outcome === 'interrupted' ? 'fair' : 'bad';
}
