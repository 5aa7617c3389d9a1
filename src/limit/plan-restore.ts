import type { TableInfo } from '../domain/table.ts';
import { capacityParts, type ProvisionChange, type RaisedPart, wasAskedFor } from '../domain/write-capacity.ts';

/** Someone else's doing since the raise; `foundWriteUnits` is undefined where the part is gone or on demand. */
export type ForeignPart = RaisedPart & { readonly foundWriteUnits: number | undefined };

type RestorePlan = {
  /** What still is as the run left it, back to what it was; with the reads of now. */
  readonly changes: readonly ProvisionChange[];
  /** What is not what the run set, and so is left alone. */
  readonly foreign: readonly ForeignPart[];
};

/** Compare and set: only what is still as the run left it goes back. */
export function planRestore(table: TableInfo, owed: readonly RaisedPart[]): RestorePlan {
  const parts = capacityParts(table);
  const changes: ProvisionChange[] = [];
  const foreign: ForeignPart[] = [];
  for (const debt of owed) {
    const part = parts.find(({ index }) => index === debt.index);
    const found = part?.provisionedWriteUnits;
    if (found === debt.beforeWriteUnits) continue;
    if (found !== undefined && wasAskedFor(debt, found) && part?.provisionedReadUnits !== undefined) {
      changes.push({ index: debt.index, writeUnits: debt.beforeWriteUnits, readUnits: part.provisionedReadUnits });
    } else {
      foreign.push({ ...debt, foundWriteUnits: found });
    }
  }
  return { changes, foreign };
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** So many decreases are free at the beginning of a day in UTC; then there is one an hour. */
const freeDecreases = 4;

type Decreases = { readonly decreasesToday?: number; readonly lastDecreaseMs?: number };

/**
 * When the service will take a decrease of all these parts, at the latest; wall clock. `refused`: it has just refused
 * one, so the free ones are used up or their hour is over.
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
