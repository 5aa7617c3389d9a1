import { exitCodeOf, type StopSignal, signalExitCodes } from '../../domain/exit-code.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { CapacityEnding, RunSummary } from '../../domain/run-summary.ts';
import { knownValue, type TableAttachments } from '../../domain/table.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { ImportResult } from '../../pipeline/run-import.ts';
import { buildSummary, type RunEnding, type RunFacts, withCapacity } from '../../report/build-summary.ts';
import type { Target } from '../open-target.ts';
import { resumeCommand } from '../shell-command.ts';
import type { Surroundings } from '../surroundings.ts';
import type { RunFolder } from './run-folder.ts';

type EndedImport = {
  readonly options: ImportOptions;
  readonly world: Surroundings;
  readonly target: Target;
  readonly attachments: TableAttachments;
  readonly run: RunFolder;
};

type Seen = Omit<RunFacts, 'source' | 'table' | 'repository' | 'resumeCommand' | 'restorePoint'>;

/** What an import came to. Throws faults that are bugs, with their stack. */
export function importSummary(
  { options, world, target, attachments, run }: EndedImport,
  result: ImportResult,
  seen: Seen,
  capacity: CapacityEnding | undefined,
): RunSummary {
  const folder = run.directory?.path;
  const facts: RunFacts = {
    ...seen,
    source: options.sources,
    table: target.table?.name ?? options.table,
    repository: options.repository,
    ...(folder !== undefined && { resumeCommand: resumeCommand(folder, options.sources, world) }),
    ...(isRestorable(attachments, run) && { restorePoint: run.createdAt }),
  };
  return withCapacity(buildSummary(endingOf(result, world.signal), facts), capacity);
}

/** Whether the moment before the first write, of whatever process of the run, can be gone back to. */
function isRestorable({ pointInTimeRecovery }: TableAttachments, { createdAt }: RunFolder): boolean {
  const recovery = knownValue(pointInTimeRecovery);
  return recovery?.isOn === true && (recovery.earliestMs ?? 0) <= Date.parse(createdAt);
}

function endingOf(result: ImportResult, signal: AbortSignal): RunEnding {
  const { fault, ...rows } = result;
  if (fault !== undefined && !(fault instanceof ImportError)) throw fault;
  return {
    ...rows,
    ...(fault !== undefined && { fault: { ...fault.told, exitCode: exitCodeOf(fault.code) } }),
    ...(signal.aborted && { signalExitCode: signalExitCodes[signal.reason as StopSignal] }),
  };
}
