import {
  type CapacityPart,
  capacityParts,
  type ProvisionChange,
  type RaisedPart,
  type TableInfo,
  type WarmChange,
  wasAskedFor,
} from '../domain/table.ts';

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

/** What is warm for fewer write units than these; `before`: as far as the table says. */
export function planWarm(
  table: TableInfo,
  unitsOf: (part: CapacityPart) => number,
): readonly (WarmChange & { readonly before: number | undefined })[] {
  return capacityParts(table).flatMap((part) => {
    const { index, warmWriteUnits: before } = part;
    const writeUnits = unitsOf(part);
    return writeUnits <= (before ?? 0) ? [] : [{ index, writeUnits, before }];
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

/** A part that someone else changed since the raise; `foundWriteUnits` is undefined if it is gone or on demand. */
export type LeftAlonePart = RaisedPart & { readonly foundWriteUnits: number | undefined };

type RestorePlan = {
  /** Parts that still are as the run left them, back to what they were, with the read units they have now. */
  readonly changes: readonly ProvisionChange[];
  /** Parts with other figures than the run set. */
  readonly leftAlone: readonly LeftAlonePart[];
};

/** Restores only the parts that still are as the run left them. */
export function planRestore(table: TableInfo, parts: readonly RaisedPart[]): RestorePlan {
  const found = capacityParts(table);
  const changes: ProvisionChange[] = [];
  const leftAlone: LeftAlonePart[] = [];
  for (const raised of parts) {
    const { provisionedWriteUnits: writeUnits, provisionedReadUnits: readUnits } =
      found.find(({ index }) => index === raised.index) ?? {};
    if (writeUnits === raised.beforeWriteUnits) continue;
    if (writeUnits !== undefined && wasAskedFor(raised, writeUnits) && readUnits !== undefined) {
      changes.push({ index: raised.index, writeUnits: raised.beforeWriteUnits, readUnits });
    } else {
      leftAlone.push({ ...raised, foundWriteUnits: writeUnits });
    }
  }
  return { changes, leftAlone };
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Decreases that AWS allows at any time of a day in UTC; after these there is one an hour. */
const freeDecreases = 4;

type Decreases = { readonly decreasesToday?: number; readonly lastDecreaseMs?: number };

/**
 * When the service accepts a decrease of all these parts, at the latest (wall clock, ms). `refused`: it has just refused
 * one, so the free ones are used up.
 */
export function decreaseAllowedAtMs(parts: readonly Decreases[], nowMs: number, refused: boolean): number {
  return Math.max(nowMs, ...parts.map((part) => allowedAtMs(part, nowMs, refused)));
}

function allowedAtMs({ decreasesToday = 0, lastDecreaseMs }: Decreases, nowMs: number, refused: boolean): number {
  const midnightMs = (Math.floor(nowMs / dayMs) + 1) * dayMs;
  if (decreasesToday < freeDecreases && !refused) return nowMs;
  if (lastDecreaseMs === undefined) return refused ? Math.min(nowMs + hourMs, midnightMs) : nowMs;
  return Math.max(nowMs, Math.min(lastDecreaseMs + hourMs, midnightMs));
}
