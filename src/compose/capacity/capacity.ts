import { readRaise } from '../../adapters/file/run/run-stores.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { formatCount, utcText } from '../../domain/format.ts';
import { exitCodes, ImportError } from '../../domain/import-error.ts';
import type { CapacityEnding } from '../../domain/run-summary.ts';
import {
  allSuspended,
  type CapacityPart,
  type CapacityRaise,
  capacityParts,
  type ProvisionChange,
  partName,
  type RaisedPart,
  type TableInfo,
} from '../../domain/table.ts';
import { decreaseAllowedAtMs, planSet, planWarm } from '../../limit/plan-capacity.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { applyChanges, partUnits, warmUp } from '../../pipeline/capacity/apply-changes.ts';
import { decreaseRefused, restoreCapacity } from '../../pipeline/capacity/restore-capacity.ts';
import type { TableCapacity } from '../../ports/table-capacity.ts';
import { suspendScalingCommand, updateTableCommand } from '../../report/aws-commands.ts';
import type { CapacityPartState, CapacityReport } from '../../report/capacity-state.ts';
import { checkAccount } from '../open-connection.ts';
import { reopenRun } from '../run/run-folder.ts';
import { restoreCommand } from '../shell-command.ts';
import type { CapacitySurroundings } from '../surroundings.ts';
import { capacityWork, placeOf, refuseOnDemand, scalingInTheWay } from './prepare-raise.ts';
import {
  capacityEnding,
  restoreRaise,
  saveRestored,
  stillRaisedFault,
  unrestoredFolders,
  withTableCapacity,
} from './restore-raise.ts';

/** Shows, sets, warms or restores the capacity of a table. Throws ImportError; rejects with the reason if the signal aborts. */
export async function composeCapacity(
  options: ImportOptions,
  surroundings: CapacitySurroundings,
): Promise<CapacityReport> {
  const [verb, folder] = options.sources;
  if (verb === 'restore' && folder !== undefined) return restoreRun(folder, options, surroundings);
  return withTableCapacity(options, surroundings, async (capacity) => {
    const table = await capacity.describe();
    checkAccount(options, table);
    if (verb === 'set') await setCapacity(capacity, table, options, surroundings);
    if (verb === 'warm') await warmCapacity(capacity, table, options, surroundings);
    const ending = verb === 'restore' ? await restoreByFigure(capacity, table, options, surroundings) : undefined;
    return reportOf(capacity, ending, surroundings);
  });
}

/** Restores what the run in this folder left raised; no other process may be at it. */
async function restoreRun(
  folder: string,
  given: ImportOptions,
  surroundings: CapacitySurroundings,
): Promise<CapacityReport> {
  const runFolder = await reopenRun(folder, { ...given, sources: [] }, surroundings);
  try {
    const path = runFolder.directory!.path;
    if (runFolder.options.repository === 'memory') throw noTable(path);
    const raise = await readRaise(path);
    if (raise === undefined) surroundings.warn(`the run in ${path} left no capacity raised`);
    const options = { ...runFolder.options, table: raise?.tableName ?? runFolder.options.table };
    const ending = raise && (await restoreRaise(path, raise, options, surroundings));
    if (ending !== undefined && runFolder.summary !== undefined) await saveRestored(path, runFolder.summary, ending);
    try {
      return await withTableCapacity(options, surroundings, (capacity) => reportOf(capacity, ending, surroundings));
    } catch (fault) {
      throw ending?.state === 'still-raised' ? stillRaisedFault(fault, ending) : fault;
    }
  } finally {
    await runFolder.directory?.close();
  }
}

function noTable(path: string): ImportError {
  return new ImportError('usage', `the run in ${path} was a rehearsal: it raised nothing and has no table to show`, {
    hint: 'Name the directory of an import into DynamoDB.',
  });
}

async function reportOf(
  capacity: TableCapacity,
  ending: CapacityEnding | undefined,
  surroundings: CapacitySurroundings,
): Promise<CapacityReport> {
  const table = await capacity.describe();
  const scaling = await capacity.scaling(table.globalIndexes.map(({ name }) => name));
  return {
    version: 1,
    exitCode: ending?.state === 'still-raised' ? exitCodes.capacityRaised : exitCodes.done,
    table: table.name,
    arn: table.arn,
    billing: table.billing,
    parts: partStates(table),
    autoScaling: scaling.kind === 'known' ? scaling.targets : null,
    ...(scaling.kind === 'not-checked' && { autoScalingNotChecked: scaling.because }),
    unrestored: await unrestoredOn(table, surroundings),
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
      warmWriteUnits: part.warmWriteUnits ?? null,
      decreasesToday: part.decreasesToday ?? 0,
      nextDecreaseAt: nextMs > nowMs ? utcText(nextMs) : null,
    };
  });
}

async function unrestoredOn(
  { arn }: TableInfo,
  surroundings: CapacitySurroundings,
): Promise<CapacityReport['unrestored']> {
  const folders = await unrestoredFolders(undefined, surroundings);
  const raises = await Promise.all(folders.map((folder) => readRaise(folder).catch(() => undefined)));
  return folders
    .filter((_folder, index) => raises[index]?.tableArn === arn)
    .map((folder) => ({ restoreCommand: restoreCommand(folder, surroundings) }));
}

/** Sets table and indexes, up or down, leaves read units unchanged, and waits until it has taken effect. Throws ImportError. */
export async function setCapacity(
  capacity: TableCapacity,
  table: TableInfo,
  options: ImportOptions,
  surroundings: CapacitySurroundings,
): Promise<void> {
  checkFigures(table, options);
  const unitsOf = wantedUnits(options);
  const changes = planSet(table, unitsOf);
  if (changes.length === 0) return;
  const place = placeOf(table, options);
  const scaling = await scalingInTheWay(capacity, table, options, changes, surroundings.warn);
  const undo = [
    updateTableCommand(place, undoOf(table, changes)),
    ...scaling.map(({ index, suspended }) => suspendScalingCommand(place, index, suspended)),
  ];
  await confirm(`${changesText(table, changes)}\nTo undo it: ${undo.join(' && ')}`, surroundings);
  for (const { index } of scaling) await capacity.suspendScaling(index, allSuspended);
  const work = capacityWork(capacity, options, surroundings.tell, surroundings.signal);
  const applied = await applyChanges(work, async (now) => planSet(now, unitsOf));
  if (applied.kind === 'stopped') throw surroundings.signal.reason;
  if (applied.kind === 'too-soon') throw decreaseRefused(work, applied).fault;
}

/**
 * Raises the warm throughput of table and indexes that is below the figures, and waits until it has taken effect. Throws
 * ImportError.
 */
async function warmCapacity(
  capacity: TableCapacity,
  table: TableInfo,
  options: ImportOptions,
  surroundings: CapacitySurroundings,
): Promise<void> {
  checkIndexNames(table, options);
  const unitsOf = wantedUnits(options);
  const changes = planWarm(table, unitsOf);
  if (changes.length === 0) {
    surroundings.tell('the table and its indexes are warm for that already: nothing is changed');
    return;
  }
  const lines = changes.map(({ index, writeUnits, before }) => {
    const from = before === undefined ? '' : ` from ${formatCount(before)}`;
    return `\n  ${partName(index)}${from} to ${formatCount(writeUnits)} write units a second`;
  });
  await confirm(
    `About to raise the warm throughput of ${table.arn}:${lines.join('')}\nAWS charges this once, and it cannot be lowered again.`,
    surroundings,
  );
  const work = capacityWork(capacity, options, surroundings.tell, surroundings.signal);
  const warm = await warmUp(work, (now) => planWarm(now, unitsOf));
  if (warm === undefined) throw surroundings.signal.reason;
}

/** Lowers what is above the figures and raises nothing, for a run whose folder is lost. Throws ImportError. */
async function restoreByFigure(
  capacity: TableCapacity,
  table: TableInfo,
  options: ImportOptions,
  surroundings: CapacitySurroundings,
): Promise<CapacityEnding> {
  checkFigures(table, options);
  const unitsOf = wantedUnits(options);
  const parts = capacityParts(table).flatMap((part): RaisedPart[] => {
    const { index, provisionedWriteUnits: found = 0 } = part;
    const beforeWriteUnits = unitsOf(part);
    return found > beforeWriteUnits ? [{ index, beforeWriteUnits, raisedWriteUnits: found }] : [];
  });
  const changes = planSet(table, unitsOf).filter(({ index }) => parts.some((part) => part.index === index));
  const raise: CapacityRaise = {
    tableName: table.name,
    tableArn: table.arn,
    region: table.region,
    endpointUrl: options.endpointUrl,
    since: new Date(0).toISOString(),
    parts,
    scaling: [],
    undoCommand: changes.length === 0 ? '' : updateTableCommand(placeOf(table, options), changes),
  };
  if (changes.length > 0) await confirm(changesText(table, changes), surroundings);
  const noFile = { save: async () => {}, clear: async () => {} };
  const work = capacityWork(capacity, options, surroundings.tell, surroundings.signal);
  const restored = await restoreCapacity(work, raise, noFile);
  if (surroundings.signal.aborted) throw surroundings.signal.reason;
  const again = `import-tokens capacity restore --table ${options.table} --wcu ${options.wcu}`;
  return capacityEnding(raise, restored, again);
}

function wantedUnits({ wcu, indexWcu }: ImportOptions): (part: CapacityPart) => number {
  return ({ index }) => (index === undefined ? undefined : indexWcu[index]) ?? wcu!;
}

function undoOf(table: TableInfo, changes: readonly ProvisionChange[]): readonly ProvisionChange[] {
  const parts = capacityParts(table);
  return changes.map((change) => ({
    ...change,
    writeUnits: parts.find(({ index }) => index === change.index)!.provisionedWriteUnits!,
  }));
}

function changesText(table: TableInfo, changes: readonly ProvisionChange[]): string {
  const lines = changes.map((change) => `\n  ${partUnits(change, table)}`);
  return `About to change the capacity of ${table.arn}:${lines.join('')}`;
}

async function confirm(text: string, surroundings: CapacitySurroundings): Promise<void> {
  if (await surroundings.confirm(text)) return;
  if (surroundings.signal.aborted) throw surroundings.signal.reason;
  throw new ImportError('not-confirmed', 'not confirmed: nothing was changed', { hint: 'Answer y, or pass --yes.' });
}

function checkFigures(table: TableInfo, options: ImportOptions): void {
  refuseOnDemand(table, '--wcu', options.wcu!);
  checkIndexNames(table, options);
}

function checkIndexNames(table: TableInfo, { indexWcu }: ImportOptions): void {
  const unknown = Object.keys(indexWcu).find((name) => !table.globalIndexes.some((index) => index.name === name));
  if (unknown === undefined) return;
  const names = table.globalIndexes.map(({ name }) => name).join(', ') || 'none';
  throw new ImportError('usage', `--index-wcu: table ${table.name} has no index "${unknown}"`, {
    hint: `Name one of its indexes: ${names}.`,
  });
}
