import type { RowCounts, RunSummary } from '../../domain/run-summary.ts';
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
};

/** Figures over all processes of the run. */
export type RunSums = {
  readonly ranSeconds: number;
  readonly writeUnits: number;
  readonly requestsThrottled: number;
  readonly requestsSent: number;
  readonly bytesSent: number;
  readonly indexUnits: readonly number[];
};

export function sumsOf({ history, summary }: ReportData): RunSums {
  const samples = history?.samples ?? [];
  const sum = (figure: (sample: (typeof samples)[number]) => number) =>
    samples.reduce((total, sample) => total + figure(sample), 0);
  const indexes = samples.reduce((most, { indexUnits }) => Math.max(most, indexUnits.length), 0);
  // A run of a moment may have no sample, and then only one process.
  const { writeUnits = 0, requests, durationSeconds = 0, bytesSent = 0 } = summary ?? {};
  return {
    ranSeconds: sum(({ durationMs }) => durationMs) / 1000 || durationSeconds,
    writeUnits: sum((sample) => sample.writeUnits) || writeUnits,
    requestsThrottled: sum((sample) => sample.requestsThrottled) || (requests?.throttled ?? 0),
    requestsSent: sum((sample) => sample.requestsSent) || (requests?.sent ?? 0),
    bytesSent: sum((sample) => sample.bytesSent) || bytesSent,
    indexUnits: Array.from({ length: indexes }, (_, i) => sum(({ indexUnits }) => indexUnits[i] ?? 0)),
  };
}

type Tone = 'good' | 'fair' | 'bad' | 'neutral';

/** How the run went, at a glance. */
export function toneOf({ summary, state }: ReportData): Tone {
  if (summary === undefined) return state === 'running' ? 'neutral' : 'bad';
  if (summary.outcome === 'completed') return 'good';
  return summary.outcome === 'completed-with-rejects' || summary.outcome === 'interrupted' ? 'fair' : 'bad';
}
