import { type Amount, amountText } from '../domain/amount.ts';
import { exitCodes, type ToldFault } from '../domain/import-error.ts';
import { mostRowBytes } from '../domain/row.ts';
import type {
  CapacityEnding,
  Outcome,
  RejectGroup,
  RowCounts,
  RowsEnd,
  RunSummary,
  SkipCounts,
} from '../domain/run-summary.ts';
import { ordinalsOwned } from '../domain/token.ts';
import { byFrequency } from './format.ts';
import type { RunCounted } from './watch/run-stats.ts';

/** How the import ended, as the pipeline tells it. */
export type RunEnding = RowsEnd & {
  /** The fault that ended it, with the exit code it stands for. */
  readonly fault?: ToldFault & { readonly exitCode: number };
  /** Exit code of the signal that stopped it. */
  readonly signalExitCode?: number;
};

/** What was measured of the run, and what can be done next. */
export type MeasuredRun = Pick<
  RunSummary,
  'source' | 'table' | 'repository' | 'durationSeconds' | 'connectionsOpened' | 'bytesSent' | 'bottleneck' | 'advice'
> &
  Pick<
    RunSummary,
    'shard' | 'expiry' | 'scopes' | 'restorePoint' | 'resumeCommand' | 'report' | 'verifyCommand' | 'repair'
  > & {
    readonly rateLimit: number | null;
    /** The lowest and the highest limit that the run had; undefined if it has none. */
    readonly limits?: { readonly lowest: number; readonly highest: number } | undefined;
    readonly maxRejects: Amount;
    readonly skipRows: number;
    readonly maxDeletes: Amount;
    readonly maxRowBytes: number;
    readonly counted: RunCounted;
  };

/** The summary of an import; a broken balance is a bug and goes before all else. */
export function buildSummary(ending: RunEnding, run: MeasuredRun): RunSummary {
  const { counted, shard, expiry, scopes, restorePoint, report, verifyCommand, repair } = run;
  const { outcome, exitCode } = outcomeOf(ending);
  const isComplete = outcome === 'completed' || outcome === 'completed-with-rejects';
  const resumeCommand = resumeCommandOf(ending, run, isComplete);
  return {
    version: 1,
    outcome,
    exitCode,
    source: run.source,
    table: run.table,
    repository: run.repository,
    ...(shard !== undefined && { shard }),
    rows: ending.counts,
    ...(isComplete && !ending.endOfSource && { stoppedAtMaxRows: true }),
    rejectsByCode: ending.rejectsByCode,
    ...skippedOf(ending.counts, run),
    ...(expiry !== undefined && { expiry }),
    rejects: rejectGroups(ending.rejectsByCode, counted.rejects),
    writeUnits: counted.writeUnits,
    durationSeconds: run.durationSeconds,
    ...(scopes !== undefined && { scopes }),
    rate: rateOf(run),
    requests: {
      sent: counted.requestsSent,
      throttled: counted.requestsThrottled,
      retried: counted.requestsRetried,
      unprocessedItems: counted.unprocessedItems,
    },
    latencyMs: counted.latencyMs,
    connectionsOpened: run.connectionsOpened,
    bytesSent: run.bytesSent,
    bottleneck: run.bottleneck,
    advice: run.advice,
    ...(restorePoint !== undefined && { restorePoint }),
    ...(resumeCommand !== undefined && { resumeCommand }),
    ...(report !== undefined && { report }),
    ...(isComplete && verifyCommand !== undefined && { verifyCommand }),
    ...(repair !== undefined && ending.counts.rejected > 0 && { repair }),
    ...errorOf(ending),
  };
}

/** Rows that `--skip-rows` leaves out come first, and no other rule is applied to them. */
function skippedOf(
  { read, skipped }: RowCounts,
  { skipRows, shard }: MeasuredRun,
): Pick<RunSummary, 'skippedByReason'> {
  const left = Math.min(skipRows, read);
  const first = shard === undefined ? left : ordinalsOwned(shard, left);
  const expired = skipped - first;
  const counts: SkipCounts = { ...(first > 0 && { 'skip-rows': first }), ...(expired > 0 && { expired }) };
  return skipped > 0 ? { skippedByReason: counts } : {};
}

/** By code, the most frequent first; the balance counts them, the events tell where the first of them stands. */
function rejectGroups(byCode: RunSummary['rejectsByCode'], seen: readonly RejectGroup[]): RejectGroup[] {
  return byFrequency(byCode).map(([code, count]) => {
    const first = seen.find((group) => group.code === code)?.first;
    return { code, count, ...(first !== undefined && { first }) };
  });
}

function rateOf({ counted, durationSeconds, rateLimit, limits }: MeasuredRun): RunSummary['rate'] {
  const average = durationSeconds > 0 ? counted.writeUnits / durationSeconds : 0;
  const isRange = limits !== undefined && limits.lowest < limits.highest;
  return { limit: rateLimit, ...(isRange && { limits }), average: Math.round(average * 100) / 100 };
}

/** With the option that the reason asks for, without which the next process would end as this one did. */
function resumeCommandOf(
  { endOfSource, fault, counts }: RunEnding,
  { resumeCommand, maxRejects, maxDeletes, maxRowBytes }: MeasuredRun,
  isComplete: boolean,
): string | undefined {
  if (resumeCommand === undefined || (isComplete && endOfSource)) return undefined;
  const own = counts.read - (counts.elsewhere ?? 0);
  // A resume keeps `--max-rows` unless told otherwise.
  if (isComplete) return `${resumeCommand} --max-rows all`;
  if (fault?.hint?.includes('--allow-incomplete')) return `${resumeCommand} --allow-incomplete`;
  if (needsAnotherSource.has(fault?.code ?? '')) return undefined;
  if (fault?.code === 'unexpected-row-count') {
    // How many more rows there are is not known before they are read.
    return endOfSource ? `${resumeCommand} --expect-rows ${counts.read}` : undefined;
  }
  if (fault?.code === 'too-many-deletes') {
    return `${resumeCommand} --max-deletes ${amountText(more(maxDeletes, counts.deleted, own))}`;
  }
  if (fault?.code === 'row-too-long') {
    const bytes = Math.min(maxRowBytes * 2, mostRowBytes);
    return bytes > maxRowBytes ? `${resumeCommand} --max-row-bytes ${bytes}` : undefined;
  }
  if (fault?.code !== 'too-many-rejects') return resumeCommand;
  return `${resumeCommand} --max-rejects ${amountText(more(maxRejects, counts.rejected, own))}`;
}

/** A limit that leaves room above what was counted, out of `own` rows. */
function more({ kind, value }: Amount, counted: number, own: number): Amount {
  if (kind === 'units') return { kind, value: Math.max(1, value, counted) * 10 };
  return { kind, value: Math.min(100, Math.max(value * 2, Math.ceil((counted * 200) / own))) };
}

/** A repaired source is not the one the run began with, which a resume would refuse. */
const needsAnotherSource: ReadonlySet<string> = new Set([
  'source-changed',
  'source-truncated',
  'source-empty',
  'header-invalid',
  'unterminated-quote',
]);

function outcomeOf({ balanced, finished, fault, signalExitCode, counts }: RunEnding): {
  outcome: Outcome;
  exitCode: number;
} {
  if (!balanced || (finished && counts.pending > 0)) return { outcome: 'failed', exitCode: exitCodes.bug };
  if (fault !== undefined) {
    return { outcome: fault.code === 'too-many-rejects' ? 'too-many-rejects' : 'failed', exitCode: fault.exitCode };
  }
  if (!finished) return { outcome: 'interrupted', exitCode: signalExitCode ?? exitCodes.bug };
  return counts.rejected > 0
    ? { outcome: 'completed-with-rejects', exitCode: exitCodes.someRows }
    : { outcome: 'completed', exitCode: exitCodes.done };
}

function errorOf({ balanced, fault }: RunEnding): Pick<RunSummary, 'error'> {
  if (!balanced) {
    return {
      error: { code: 'broken-balance', message: 'the rows read are not the sum of the rows accounted for, a bug' },
    };
  }
  if (fault === undefined) return {};
  const { exitCode: _exitCode, ...error } = fault;
  return { error };
}

/** The summary with what became of the capacity; capacity that is still raised goes before everything but a bug. */
export function withCapacity(summary: RunSummary, capacity: CapacityEnding | undefined): RunSummary {
  if (capacity === undefined) return summary;
  const exitCode =
    capacity.state === 'still-raised' && summary.exitCode !== exitCodes.bug
      ? exitCodes.capacityRaised
      : summary.exitCode;
  return { ...summary, exitCode, capacity };
}

/** The summary of a finished run whose capacity was restored later. */
export function withCapacityRestored(summary: RunSummary, capacity: CapacityEnding): RunSummary {
  const exitCode = summary.outcome === 'completed-with-rejects' ? exitCodes.someRows : exitCodes.done;
  return withCapacity(
    { ...summary, exitCode: summary.exitCode === exitCodes.capacityRaised ? exitCode : summary.exitCode },
    capacity,
  );
}
