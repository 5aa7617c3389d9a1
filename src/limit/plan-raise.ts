import type { TableInfo } from '../domain/table.ts';
import {
  type CapacityPart,
  capacityParts,
  type ProvisionChange,
  type RaisedPart,
  wasAskedFor,
} from '../domain/write-capacity.ts';

/** What to ask for, and what to restore afterwards, which includes all of `raisedBefore`. */
type RaisePlan = {
  readonly changes: readonly ProvisionChange[];
  readonly parts: readonly RaisedPart[];
};

/**
 * Raises the table and each index to `writeUnits`, skips what is high enough and leaves read units unchanged.
 * @param raisedBefore what earlier processes of the run asked for, which goes back to what they found
 */
export function planRaise(table: TableInfo, writeUnits: number, raisedBefore: readonly RaisedPart[] = []): RaisePlan {
  const changes: ProvisionChange[] = [];
  const parts: RaisedPart[] = [];
  for (const part of capacityParts(table)) {
    const { index, provisionedWriteUnits: found, provisionedReadUnits: readUnits } = part;
    if (found === undefined || readUnits === undefined) continue;
    const before = raisedBefore.find((raised) => raised.index === index);
    if (writeUnits > found) changes.push({ index, writeUnits, readUnits });
    if (before !== undefined) parts.push(raisedAgain(before, found, writeUnits));
    else if (writeUnits > found) parts.push({ index, beforeWriteUnits: found, raisedWriteUnits: writeUnits });
  }
  // An index that is gone, or a table on demand: not seen to be restored.
  const unseen = raisedBefore.filter(({ index }) => !parts.some((part) => part.index === index));
  return { changes, parts: [...parts, ...unseen] };
}

function raisedAgain(before: RaisedPart, found: number, writeUnits: number): RaisedPart {
  const isOurs = found === before.beforeWriteUnits || wasAskedFor(before, found);
  const beforeWriteUnits = isOurs ? before.beforeWriteUnits : found;
  if (writeUnits <= found) return { ...before, beforeWriteUnits };
  const earlier = new Set([...(before.earlierWriteUnits ?? []), before.raisedWriteUnits]);
  earlier.delete(writeUnits);
  return {
    index: before.index,
    beforeWriteUnits,
    raisedWriteUnits: writeUnits,
    ...(earlier.size > 0 && { earlierWriteUnits: [...earlier] }),
  };
}

/** Sets the table and its indexes to these write units, up or down, and leaves read units unchanged. */
export function planSet(table: TableInfo, unitsOf: (part: CapacityPart) => number): readonly ProvisionChange[] {
  return capacityParts(table).flatMap((part) => {
    const { index, provisionedWriteUnits: found, provisionedReadUnits: readUnits } = part;
    if (found === undefined || readUnits === undefined) return [];
    const writeUnits = unitsOf(part);
    return writeUnits === found ? [] : [{ index, writeUnits, readUnits }];
  });
}

/** The table as it will be after the changes. */
export function withChanges(table: TableInfo, changes: readonly Omit<ProvisionChange, 'readUnits'>[]): TableInfo {
  const changed = <Part extends object>(part: Part, index: string | undefined): Part => {
    const change = changes.find((candidate) => candidate.index === index);
    return change === undefined ? part : { ...part, provisionedWriteUnits: change.writeUnits };
  };
  return {
    ...changed(table, undefined),
    globalIndexes: table.globalIndexes.map((index) => changed(index, index.name)),
  };
}

/** The table as it was before this run raised it; production keeps what it had then. */
export function beforeRaise(table: TableInfo, parts: readonly RaisedPart[]): TableInfo {
  return withChanges(
    table,
    parts.map(({ index, beforeWriteUnits }) => ({ index, writeUnits: beforeWriteUnits })),
  );
}

/** Whether all of the changes have taken effect. */
export function holds(table: TableInfo, changes: readonly Omit<ProvisionChange, 'readUnits'>[]): boolean {
  const parts = capacityParts(table);
  return changes.every(({ index, writeUnits }) =>
    parts.some((part) => part.index === index && part.provisionedWriteUnits === writeUnits),
  );
}
