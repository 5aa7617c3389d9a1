import { type Amount, unitsOf } from '../../domain/amount.ts';
import type { PartLoad } from '../../domain/import-estimate.ts';
import type { TableInfo, WriteCapacity } from '../../domain/table.ts';
import { capacityParts } from '../../domain/write-capacity.ts';
import type { ChosenRates } from '../../limit/choose-rate.ts';

/** The table or an index: what it has, what it would be sent at its rate, and what is asked of it. */
export type LoadedPart = PartLoad & {
  readonly capacity: WriteCapacity | undefined;
  /** Write units a second that the whole import would need of it; undefined where no pace is asked for. */
  readonly askedPerSecond: number | undefined;
};

/** `--wps` counts the table's units; an index is asked for its share of them. */
export function loadedParts(
  { writeUnits, indexUnits }: { readonly writeUnits: number; readonly indexUnits: readonly number[] },
  rate: ChosenRates,
  table: TableInfo | undefined,
  wps: Amount | undefined,
): LoadedPart[] {
  const asked = wps?.kind === 'units' ? wps.value : rate.writeUnitsPerSecond;
  const capacities = table === undefined ? [] : capacityParts(table);
  const part = (units: number, chosen: number | undefined, place: number, index?: string): LoadedPart => ({
    ...(index !== undefined && { index }),
    writeUnits: units,
    unitsPerSecond: chosen,
    capacity: capacities[place],
    askedPerSecond: asked === undefined || writeUnits === 0 ? undefined : (asked * units) / writeUnits,
  });
  return [
    part(writeUnits, rate.writeUnitsPerSecond, 0),
    ...rate.indexes.map(({ name, writeUnitsPerSecond }, i) =>
      part(indexUnits[i] ?? 0, writeUnitsPerSecond, i + 1, name),
    ),
  ];
}

/** For messages. */
export function partLabel(index: string | undefined): string {
  return index === undefined ? 'the table' : `index ${index}`;
}

/** What has to be provisioned so that so much is left beside the reserve. */
export function neededUnits(unitsPerSecond: number, reserve: Amount): number {
  const needed = reserve.kind === 'units' ? unitsPerSecond + reserve.value : unitsPerSecond / (1 - reserve.value / 100);
  // What is left of a float's fraction is no unit.
  return Math.ceil(needed - 1e-6);
}

/** What the part has to be raised to, so that so much is left beside what production had before, which stays its own. */
export function raisedUnits({ askedPerSecond = 0, capacity }: LoadedPart, reserve: Amount): number {
  const present = capacity?.provisionedWriteUnits ?? 0;
  return Math.ceil(askedPerSecond + Math.max(present, unitsOf(reserve, present)) - 1e-6);
}
