import { readDebt } from '../../adapters/file/run/raise-file.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { utcText } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { CapacityEnding } from '../../domain/run-summary.ts';
import type { TableInfo } from '../../domain/table.ts';
import { capacityParts } from '../../domain/write-capacity.ts';
import { decreaseAllowedAtMs } from '../../limit/plan-restore.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { TableCapacity } from '../../ports/table-capacity.ts';
import type { CapacityPartState, CapacityReport } from '../../report/capacity-state.ts';
import { checkAccount } from '../check-account.ts';
import { reopenRun } from '../run/run-folder.ts';
import { restoreCommand } from '../shell-command.ts';
import type { CapacitySurroundings } from '../surroundings.ts';
import { owedBesides } from './capacity-ending.ts';
import { restoreByFigure, setCapacity } from './change-capacity.ts';
import { settleDebt, settleSummary } from './restore-raise.ts';
import { foldersOwing } from './unrestored-runs.ts';
import { withTableCapacity } from './with-table-capacity.ts';

/** Shows, sets or puts back the capacity of a table. Throws ImportError; rejects with the reason where the signal aborts. */
export async function composeCapacity(options: ImportOptions, world: CapacitySurroundings): Promise<CapacityReport> {
  const [verb, folder] = options.sources;
  if (verb === 'restore' && folder !== undefined) return restoreRun(folder, options, world);
  return withTableCapacity(options, world, async (capacity) => {
    const table = await capacity.describe();
    checkAccount(options, table);
    const scene = { capacity, table, options, world };
    if (verb === 'set') await setCapacity(scene);
    const ending = verb === 'restore' ? await restoreByFigure(scene) : undefined;
    return reportOf(await capacity.describe(), capacity, world, ending);
  });
}

/** What the run in this folder owes; no other process may be at it. */
async function restoreRun(folder: string, given: ImportOptions, world: CapacitySurroundings): Promise<CapacityReport> {
  const run = await reopenRun(folder, { ...given, sources: [] }, world);
  try {
    const path = run.directory!.path;
    if (run.options.repository === 'memory') throw noTable(path);
    const debt = await readDebt(path);
    if (debt === undefined) world.warn(`the run in ${path} owes nothing`);
    const options = { ...run.options, table: debt?.tableName ?? run.options.table };
    const ending = debt && (await settleDebt(path, debt, options, world));
    if (ending !== undefined && run.summary !== undefined) await settleSummary(path, run.summary, ending);
    try {
      return await withTableCapacity(options, world, async (capacity) =>
        reportOf(await capacity.describe(), capacity, world, ending),
      );
    } catch (fault) {
      throw ending?.state === 'owed' ? owedBesides(fault, ending) : fault;
    }
  } finally {
    await run.directory?.close();
  }
}

function noTable(path: string): ImportError {
  return new ImportError('usage', `the run in ${path} was a rehearsal: it owes nothing, and has no table to show`, {
    hint: 'Name the directory of an import into DynamoDB.',
  });
}

async function reportOf(
  table: TableInfo,
  capacity: TableCapacity,
  world: CapacitySurroundings,
  ending: CapacityEnding | undefined,
): Promise<CapacityReport> {
  const scaling = await capacity.scaling(table.globalIndexes.map(({ name }) => name));
  return {
    version: 1,
    exitCode: ending?.state === 'owed' ? 6 : 0,
    table: table.name,
    ...{ arn: table.arn, billing: table.billing, parts: partStates(table) },
    autoScaling: scaling.kind === 'known' ? scaling.targets : null,
    ...(scaling.kind === 'not-checked' && { autoScalingNotChecked: scaling.because }),
    owed: await debtsOn(table, world),
    ...(ending !== undefined && { capacity: ending }),
  };
}

function partStates(table: TableInfo): readonly CapacityPartState[] {
  const nowMs = systemClock.wallMs();
  return capacityParts(table).map((part) => {
    const nextMs = decreaseAllowedAtMs([part], nowMs, false);
    return {
      ...(part.index !== undefined && { index: part.index }),
      status: part.status,
      writeUnits: part.provisionedWriteUnits ?? null,
      readUnits: part.provisionedReadUnits ?? null,
      decreasesToday: part.decreasesToday ?? 0,
      nextDecreaseAt: nextMs > nowMs ? utcText(nextMs) : null,
    };
  });
}

async function debtsOn({ arn }: TableInfo, world: CapacitySurroundings): Promise<CapacityReport['owed']> {
  const folders = await foldersOwing(undefined, world);
  const debts = await Promise.all(
    folders.map(async (folder) => ({ folder, debt: await readDebt(folder).catch(() => undefined) })),
  );
  return debts
    .filter(({ debt }) => debt?.tableArn === arn)
    .map(({ folder }) => ({ restoreCommand: restoreCommand(folder, world) }));
}
