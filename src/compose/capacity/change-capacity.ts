import { systemClock } from '../../adapters/system/system-clock.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { CapacityEnding } from '../../domain/run-summary.ts';
import type { TableInfo } from '../../domain/table.ts';
import {
  allSuspended,
  type CapacityDebt,
  type CapacityPart,
  capacityParts,
  type ProvisionChange,
  type RaisedPart,
} from '../../domain/write-capacity.ts';
import { planSet } from '../../limit/plan-raise.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { bringAbout, type CapacityWork } from '../../pipeline/capacity/apply-changes.ts';
import { partUnits } from '../../pipeline/capacity/capacity-words.ts';
import { decreaseRefused, restoreCapacity } from '../../pipeline/capacity/restore-capacity.ts';
import type { TableCapacity } from '../../ports/table-capacity.ts';
import { suspendScalingCommand, updateTableCommand } from '../../report/aws-commands.ts';
import type { CapacitySurroundings } from '../surroundings.ts';
import { capacityEnding } from './capacity-ending.ts';
import { placeOf, refuseOnDemand, scalingInTheWay, updateTimeoutMs } from './prepare-raise.ts';

type CapacityScene = {
  readonly capacity: TableCapacity;
  readonly table: TableInfo;
  readonly options: ImportOptions;
  readonly world: CapacitySurroundings;
};

/** Sets table and indexes, up or down, reads untouched, and waits until that holds. Throws ImportError. */
export async function setCapacity(scene: CapacityScene): Promise<void> {
  const { capacity, table, options, world } = scene;
  refuseOnDemand(table, '--wcu', options.wcu!);
  checkIndexNames(table, options);
  const unitsOf = wantedUnits(options);
  const changes = planSet(table, unitsOf);
  if (changes.length === 0) return;
  const place = placeOf(table, options);
  const scaling = await scalingInTheWay({ ...scene, run: undefined }, changes, place, Number.POSITIVE_INFINITY);
  const undo = [
    updateTableCommand(place, undoOf(table, changes)),
    ...scaling.map(({ index, suspended }) => suspendScalingCommand(place, index, suspended)),
  ];
  await confirmed(world, `${changesText(table, changes)}\nTo undo it: ${undo.join(' && ')}`);
  for (const { index } of scaling) await capacity.suspendScaling(index, allSuspended);
  const work = workOf(scene);
  const brought = await bringAbout(work, async (now) => planSet(now, unitsOf));
  if (brought.kind === 'stopped') throw world.signal.reason;
  if (brought.kind === 'too-soon') throw decreaseRefused(work, brought).fault;
}

/** Lowers what is above the figures, and raises nothing: for a run whose folder is lost. Throws ImportError. */
export async function restoreByFigure(scene: CapacityScene): Promise<CapacityEnding> {
  const { table, options, world } = scene;
  refuseOnDemand(table, '--wcu', options.wcu!);
  checkIndexNames(table, options);
  const unitsOf = wantedUnits(options);
  const parts = capacityParts(table).flatMap((part): RaisedPart[] => {
    const { index, provisionedWriteUnits: found = 0 } = part;
    const beforeWriteUnits = unitsOf(part);
    return found > beforeWriteUnits ? [{ index, beforeWriteUnits, raisedWriteUnits: found }] : [];
  });
  const changes = planSet(table, unitsOf).filter(({ index }) => parts.some((part) => part.index === index));
  const debt: CapacityDebt = {
    ...{ tableName: table.name, tableArn: table.arn, region: table.region, endpointUrl: options.endpointUrl },
    ...{ since: new Date(0).toISOString(), parts, scaling: [] },
    undoCommand: changes.length === 0 ? '' : updateTableCommand(placeOf(table, options), changes),
  };
  if (changes.length > 0) await confirmed(world, changesText(table, changes));
  const restored = await restoreCapacity(workOf(scene), debt, { save: async () => {}, clear: async () => {} });
  if (world.signal.aborted) throw world.signal.reason;
  const again = `import-tokens capacity restore --table ${options.table} --wcu ${options.wcu}`;
  return capacityEnding(debt, restored, { restoreCommand: again });
}

function wantedUnits({ wcu, indexWcu }: ImportOptions): (part: CapacityPart) => number {
  return ({ index }) => (index === undefined ? undefined : indexWcu[index]) ?? wcu!;
}

function workOf({ capacity, options, world }: CapacityScene): CapacityWork {
  return {
    ...{ capacity, clock: systemClock, timeoutMs: updateTimeoutMs(options), signal: world.signal },
    tell: (_change, text) => world.tell(text),
  };
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

async function confirmed(world: CapacitySurroundings, text: string): Promise<void> {
  if (await world.confirm(text)) return;
  if (world.signal.aborted) throw world.signal.reason;
  throw new ImportError('not-confirmed', 'not confirmed: nothing was changed', { hint: 'Answer y, or give --yes.' });
}

function checkIndexNames({ name, globalIndexes }: TableInfo, { indexWcu }: ImportOptions): void {
  const unknown = Object.keys(indexWcu).find((index) => !globalIndexes.some((known) => known.name === index));
  if (unknown === undefined) return;
  const names = globalIndexes.map((index) => index.name).join(', ') || 'none';
  throw new ImportError('usage', `--index-wcu: table ${name} has no index "${unknown}"`, {
    hint: `Its indexes: ${names}`,
  });
}
