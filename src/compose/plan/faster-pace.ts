import type { Amount } from '../../domain/amount.ts';
import { slowestPart } from '../../domain/import-estimate.ts';
import type { TableInfo } from '../../domain/table.ts';
import type { ProvisionChange } from '../../domain/write-capacity.ts';
import { type AwsPlace, onDemandMaximumCommand, updateTableCommand } from '../../report/aws-commands.ts';
import type { FasterPace } from '../../report/plan/estimate-text.ts';
import { type LoadedPart, neededUnits, raisedUnits } from './loaded-parts.ts';

type Present = {
  readonly table: TableInfo | undefined;
  readonly reserve: Amount;
  readonly seconds: number | undefined;
  readonly place: AwsPlace;
};

/** A difference below this is not worth a command. */
const leastGain = 1.01;

/** The pace that is asked for, where the table as it is allows less. */
export function fasterPace(parts: readonly LoadedPart[], present: Present): FasterPace | undefined {
  const asked = parts.map((part) => ({ ...part, unitsPerSecond: part.askedPerSecond }));
  const seconds = slowestPart(asked)?.seconds;
  const unitsPerSecond = asked[0]?.unitsPerSecond;
  if (seconds === undefined || present.seconds === undefined || unitsPerSecond === undefined) return undefined;
  if (present.seconds <= seconds * leastGain) return undefined;
  const { table, reserve, place } = present;
  if (table?.billing === 'on-demand') {
    const command = onDemandCommand(parts, place);
    return { unitsPerSecond, seconds, ...(command !== undefined && { command }) };
  }
  const lacking = parts.filter((part) => provisionChange(part, reserve) !== undefined);
  if (lacking.length === 0) return { unitsPerSecond, seconds };
  return {
    ...{ unitsPerSecond, seconds },
    flag: `--raise-wcu ${Math.max(...lacking.map((part) => raisedUnits(part, reserve)))}`,
    command: updateTableCommand(
      place,
      lacking.map((part) => provisionChange(part, reserve)!),
    ),
  };
}

/** What would have to be provisioned for what is asked of the part, where that is more than there is. */
export function provisionChange(
  { index, askedPerSecond, unitsPerSecond, capacity }: LoadedPart,
  reserve: Amount,
): ProvisionChange | undefined {
  const present = capacity?.provisionedWriteUnits;
  if (askedPerSecond === undefined || present === undefined) return undefined;
  // What was raised for the run alone is granted but for what was there before.
  if (unitsPerSecond !== undefined && unitsPerSecond * leastGain >= askedPerSecond) return undefined;
  const writeUnits = neededUnits(askedPerSecond, reserve);
  return writeUnits <= present ? undefined : { index, writeUnits, readUnits: capacity?.provisionedReadUnits ?? 1 };
}

/** Only the table's own: an index has a command beside its limit. */
function onDemandCommand([table]: readonly LoadedPart[], place: AwsPlace): string | undefined {
  const { askedPerSecond = 0, capacity } = table!;
  const max = capacity?.maxWriteUnits;
  if (max === undefined || max >= askedPerSecond) return undefined;
  return onDemandMaximumCommand(place, undefined, Math.ceil(askedPerSecond));
}
