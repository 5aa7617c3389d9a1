import { exitCodeOf, type StopSignal, signalExitCodes } from '../../domain/exit-code.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { VerifyOutcome, VerifyReport } from '../../domain/verify-report.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { RunControl } from '../../pipeline/run-control.ts';
import type { BatchReader } from '../../pipeline/verify/read-batches.ts';
import type { VerifyRun } from '../../pipeline/verify/verify-run.ts';
import { verifyResumeCommand } from '../shell-command.ts';
import type { VerifySurroundings } from '../surroundings.ts';
import type { ReadTarget } from './open-read-target.ts';
import type { VerifyFolder } from './verify-folder.ts';

type Verified = {
  readonly options: ImportOptions;
  readonly world: VerifySurroundings;
  readonly target: ReadTarget;
  readonly folder: VerifyFolder;
  readonly seed: number;
};

type Ended = {
  readonly run: VerifyRun;
  readonly batchReader: BatchReader;
  readonly control: RunControl;
  readonly files: readonly string[];
  readonly seconds: number;
};

/** What a verification came to. Throws faults that are bugs, with their stack. */
export function reportOf({ options, world, target, folder, seed }: Verified, ended: Ended): VerifyReport {
  const { run, batchReader, control, files, seconds } = ended;
  const { fault } = control;
  if (fault !== undefined && !(fault instanceof ImportError)) throw fault;
  const { outcome, exitCode } = outcomeOf(run, fault, world.signal);
  const { readUnits } = batchReader;
  const owesRest = outcome === 'interrupted' || outcome === 'failed';
  return {
    ...{ version: 1, outcome, exitCode, source: options.sources },
    table: target.table?.name ?? options.table,
    sample: options.all ? null : { rows: run.drawn ?? options.sample, seed },
    consistent: options.consistent,
    rows: run.counts(),
    differencesByAttribute: run.differencesByAttribute(),
    rejectsByCode: run.rejectsByCode,
    ...{ readUnits, durationSeconds: seconds },
    rate: {
      limit: target.rate.readUnitsPerSecond,
      average: seconds > 0 ? Math.round((readUnits / seconds) * 100) / 100 : 0,
    },
    requests: batchReader.requests,
    files,
    ...(owesRest && { resumeCommand: verifyResumeCommand(folder.directory.path, options.sources, world) }),
    ...(fault !== undefined && { error: fault.told }),
  };
}

function outcomeOf(
  run: VerifyRun,
  fault: ImportError | undefined,
  signal: AbortSignal,
): { outcome: VerifyOutcome; exitCode: number } {
  if (fault?.code === 'too-many-differences') return { outcome: 'too-many-differences', exitCode: 5 };
  if (fault !== undefined) return { outcome: 'failed', exitCode: exitCodeOf(fault.code) };
  if (!run.finished) return { outcome: 'interrupted', exitCode: signalExitCodes[signal.reason as StopSignal] ?? 1 };
  const { missing, different, rejected, pending } = run.counts();
  if (pending !== 0) return { outcome: 'failed', exitCode: 1 };
  return missing + different + rejected === 0
    ? { outcome: 'equal', exitCode: 0 }
    : { outcome: 'different', exitCode: 5 };
}
