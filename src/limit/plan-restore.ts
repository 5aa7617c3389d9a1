import type { TableInfo } from '../domain/table.ts';
import { capacityParts, type ProvisionChange, type RaisedPart, wasAskedFor } from '../domain/write-capacity.ts';

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
