import { exitCodes } from '../domain/exit-code.ts';
import type { ToldFault } from '../domain/import-error.ts';
import type { CapacityEnding, Outcome, RowsEnd, RunSummary } from '../domain/run-summary.ts';
import type { RunCounted } from './watch/run-stats.ts';

/** How the import ended, as the pipeline tells it. */
export type RunEnding = RowsEnd & {
  /** The fault that ended it, with the exit code it stands for. */
  readonly fault?: ToldFault & { readonly exitCode: number };
  /** Exit code of the signal that stopped it. */
  readonly signalExitCode?: number;
};

/** What else the summary tells of the run. */
export type RunFacts = Pick<
  RunSummary,
  'source' | 'table' | 'repository' | 'durationSeconds' | 'connectionsOpened' | 'bytesSent' | 'bottleneck' | 'advice'
> & {
  readonly rateLimit: number | null;
  readonly counted: RunCounted;
  readonly resumeCommand?: string;
  readonly restorePoint?: string;
};

/** The summary of an import; a broken balance is a bug and goes before all else. */
export function buildSummary(ending: RunEnding, facts: RunFacts): RunSummary {
  const { counted, rateLimit, resumeCommand, source, table, repository } = facts;
  const { outcome, exitCode } = outcomeOf(ending);
  const { writeUnits, latencyMs } = counted;
  const average = facts.durationSeconds > 0 ? writeUnits / facts.durationSeconds : 0;
  const owesRest = outcome !== 'completed' && outcome !== 'completed-with-rejects';
  const resumable = owesRest && !needsAnotherSource.has(ending.fault?.code ?? '');
  const stoppedAtMaxRows = !owesRest && !ending.endOfSource;
  return {
    version: 1,
    outcome,
    exitCode,
    source,
    table,
    repository,
    rows: ending.counts,
    ...(stoppedAtMaxRows && { stoppedAtMaxRows }),
    rejectsByCode: ending.rejectsByCode,
    writeUnits,
    durationSeconds: facts.durationSeconds,
    rate: { limit: rateLimit, average: Math.round(average * 100) / 100 },
    requests: {
      sent: counted.requestsSent,
      throttled: counted.requestsThrottled,
      retried: counted.requestsRetried,
      unprocessedItems: counted.unprocessedItems,
    },
    latencyMs,
    connectionsOpened: facts.connectionsOpened,
    bytesSent: facts.bytesSent,
    bottleneck: facts.bottleneck,
    advice: facts.advice,
    ...(facts.restorePoint !== undefined && { restorePoint: facts.restorePoint }),
    ...(resumable && resumeCommand !== undefined && { resumeCommand }),
    ...(stoppedAtMaxRows && resumeCommand !== undefined && { resumeCommand: `${resumeCommand} ${readOn}` }),
    ...errorOf(ending),
  };
}

/** A resume keeps `--max-rows` unless told otherwise, and would end at once. */
const readOn = '--max-rows 1000000000';

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
