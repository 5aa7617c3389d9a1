import type { TableInfo } from '../domain/table.ts';
import { allSuspended, type CapacityDebt, type ScalingTarget } from '../domain/write-capacity.ts';
import { planRaise } from '../limit/plan-raise.ts';
import type { DebtStore } from '../ports/debt-store.ts';
import { bringAbout, type CapacityWork, patiently } from './bring-about.ts';
import { allUnits } from './capacity-words.ts';

type RaiseWish = {
  readonly writeUnits: number;
  /** The debt with nothing in it yet, or what an earlier process of the run left. */
  readonly debt: CapacityDebt;
  /** Auto scaling that would undo the raise. */
  readonly scaling: readonly ScalingTarget[];
  /** For the record. */
  undoCommand(debt: CapacityDebt, table: TableInfo): string;
};

/**
 * Raises the table and its indexes, and resolves once that holds; false where the signal aborts before. What is owed is
 * in the store, and told by `announce`, before anything is asked for. Throws ImportError.
 */
export async function raiseCapacity(
  work: CapacityWork,
  wish: RaiseWish,
  store: DebtStore,
  announce: (debt: CapacityDebt) => void,
): Promise<boolean> {
  const { writeUnits, scaling } = wish;
  let { debt } = wish;
  let saved = false;
  const brought = await bringAbout(work, async (table) => {
    const { changes, parts } = planRaise(table, writeUnits, debt.parts);
    if (saved && JSON.stringify(parts) === JSON.stringify(debt.parts)) return changes;
    if (parts.length === 0) return changes;
    debt = { ...debt, parts, scaling: [...debt.scaling, ...newTargets(debt, scaling)] };
    const since = new Date(work.clock.wallMs()).toISOString();
    debt = { ...debt, since, undoCommand: wish.undoCommand(debt, table) };
    await store.save(debt);
    announce(debt);
    if (!saved) await suspend(work, scaling);
    saved = true;
    if (changes.length > 0) work.tell('raising', `raising ${allUnits(changes, table)}`);
    return changes;
  });
  if (brought.kind === 'there' && saved) work.tell('raised', 'the capacity is raised');
  return brought.kind === 'there';
}

async function suspend(work: CapacityWork, scaling: readonly ScalingTarget[]): Promise<void> {
  for (const { index } of scaling) await patiently(work, () => work.capacity.suspendScaling(index, allSuspended));
}

/** Targets that are known already were found suspended by this run. */
function newTargets(debt: CapacityDebt, scaling: readonly ScalingTarget[]): readonly ScalingTarget[] {
  return scaling.filter(({ index }) => !debt.scaling.some((known) => known.index === index));
}
