import { join } from 'node:path';
import { writeDurably } from '../../adapters/file/durable-file.ts';
import { DebtFile, readDebt } from '../../adapters/file/run/raise-file.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { jsonText } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { CapacityEnding, RunSummary } from '../../domain/run-summary.ts';
import type { CapacityDebt } from '../../domain/write-capacity.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { restoreCapacity } from '../../pipeline/capacity/restore-capacity.ts';
import type { TableCapacity } from '../../ports/table-capacity.ts';
import { withCapacitySettled } from '../../report/build-summary.ts';
import { type RunFolder, summaryName } from '../run/run-folder.ts';
import { restoreCommand } from '../shell-command.ts';
import type { Surroundings } from '../surroundings.ts';
import { capacityEnding, owedBesides } from './capacity-ending.ts';
import { refuseOtherTable, updateTimeoutMs } from './prepare-raise.ts';
import { withTableCapacity } from './with-table-capacity.ts';

type SettleWorld = Pick<Surroundings, 'cwd' | 'env' | 'warn'> & {
  readonly signal?: AbortSignal;
  tell?(text: string): void;
};

/** Puts back what the run in this folder owes. Throws ImportError where the table can't be reached. */
export async function settleDebt(
  folder: string,
  debt: CapacityDebt,
  options: ImportOptions,
  world: SettleWorld,
): Promise<CapacityEnding> {
  const { signal, warn, tell = warn } = world;
  const place = {
    ...options,
    table: debt.tableName,
    region: options.region ?? debt.region,
    endpointUrl: options.endpointUrl ?? debt.endpointUrl,
  };
  return withTableCapacity(place, world, async (capacity) => {
    const work = {
      ...{ capacity: ofRaisedTable(capacity, debt), clock: systemClock, timeoutMs: updateTimeoutMs(options) },
      ...(signal !== undefined && { signal }),
      tell: (_change: string, text: string) => tell(text),
    };
    const restored = await restoreCapacity(work, debt, new DebtFile(folder));
    if (signal?.aborted) throw signal.reason;
    return capacityEnding(debt, restored, { restoreCommand: restoreCommand(folder, world) });
  });
}

/**
 * What is not there, or not the table that was raised, is no reason to forget the raise: the region or the credentials
 * may be others than the run's.
 */
function ofRaisedTable(capacity: TableCapacity, { tableArn }: CapacityDebt): TableCapacity {
  let isSeen = false;
  const describe = async () => {
    const table = await capacity.describe().catch((error: unknown) => {
      if (isSeen || !(error instanceof ImportError) || error.code !== 'table-missing') throw error;
      throw new ImportError('resume-mismatch', `${tableArn}, which this run raised, is not there`, {
        hint: 'Check --region and --profile. If the table was deleted, delete capacity.json in the run directory.',
        cause: error,
      });
    });
    refuseOtherTable(table, tableArn);
    isSeen = true;
    return table;
  };
  return {
    describe,
    update: (changes) => capacity.update(changes),
    scaling: (indexes) => capacity.scaling(indexes),
    suspendScaling: (index, suspended) => capacity.suspendScaling(index, suspended),
  };
}

/** The summary of a finished run, which puts back first what that run still owes. */
export async function repeatedSummary(run: RunFolder, summary: RunSummary, world: SettleWorld): Promise<RunSummary> {
  const folder = run.directory!.path;
  const debt = await readDebt(folder);
  if (debt === undefined) return summary;
  return settleSummary(folder, summary, await settleDebt(folder, debt, run.options, world));
}

/** So that the run does not repeat an exit code that holds no longer. */
export async function settleSummary(folder: string, summary: RunSummary, ending: CapacityEnding): Promise<RunSummary> {
  const settled = withCapacitySettled(summary, ending);
  await writeDurably(join(folder, summaryName), jsonText(settled));
  return settled;
}

/** Resumes with a debt that a killed process left; a fault before the raise leaves it still, and so it is said. */
export async function resumingInDebt<T>(
  folder: string | undefined,
  world: SettleWorld,
  resume: (owed: CapacityDebt | undefined) => Promise<T>,
): Promise<T> {
  const owed = folder === undefined ? undefined : await readDebt(folder);
  if (owed !== undefined)
    world.warn(`this run left the capacity of table ${owed.tableName} raised; it is put back at its end`);
  try {
    return await resume(owed);
  } catch (fault) {
    const left = owed === undefined ? undefined : await readDebt(folder!);
    const isBug = !(fault instanceof ImportError) && fault !== world.signal?.reason;
    if (left === undefined || isBug || (fault as ImportError).code === 'capacity-owed') throw fault;
    throw owedBesides(
      fault,
      capacityEnding(left, { owed: left, foreign: [] }, { restoreCommand: restoreCommand(folder!, world) }),
    );
  }
}
