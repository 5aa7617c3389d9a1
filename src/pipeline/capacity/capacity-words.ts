import { formatCount } from '../../domain/format.ts';
import type { TableInfo } from '../../domain/table.ts';
import { capacityParts, type ProvisionChange, partName, type RaisedPart } from '../../domain/write-capacity.ts';
import type { ForeignPart } from '../../limit/plan-restore.ts';

/** `index "by-user" from 20 to 20,000 write units a second`. */
export function partUnits({ index, writeUnits }: ProvisionChange, table: TableInfo): string {
  const found = capacityParts(table).find((part) => part.index === index)?.provisionedWriteUnits;
  return `${partName(index)} from ${formatCount(found ?? 0)} to ${formatCount(writeUnits)} write units a second`;
}

export function allUnits(changes: readonly ProvisionChange[], table: TableInfo): string {
  return changes.map((change) => partUnits(change, table)).join(', ');
}

export function restoredText({ index, beforeWriteUnits }: RaisedPart): string {
  return `${partName(index)} is back at ${formatCount(beforeWriteUnits)} write units a second`;
}

export function foreignText({ index, foundWriteUnits, raisedWriteUnits, beforeWriteUnits }: ForeignPart): string {
  const found =
    foundWriteUnits === undefined ? 'has no provisioned units now' : `has ${formatCount(foundWriteUnits)} now`;
  return (
    `${partName(index)} ${found}, not the ${formatCount(raisedWriteUnits)} write units that this run set: someone else changed it, ` +
    `so it is left alone (before the run it had ${formatCount(beforeWriteUnits)})`
  );
}
