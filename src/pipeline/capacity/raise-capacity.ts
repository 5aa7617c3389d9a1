import { ImportError } from '../../domain/import-error.ts';
import type { TableInfo } from '../../domain/table.ts';
import { allSuspended, type CapacityDebt, type ScalingTarget } from '../../domain/write-capacity.ts';
import { planRaise } from '../../limit/plan-raise.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DebtStore } from '../../ports/run-stores.ts';
import { bringAbout, type CapacityWork, patiently } from './apply-changes.ts';
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
  const record = new RaiseRecord(work.clock, store, wish.debt);
  let announced = false;
  const plan = async (table: TableInfo) => {
    const { changes, parts } = planRaise(table, writeUnits, record.debt.parts);
    if (parts.length === 0) return changes;
    const grown = { ...record.debt, parts, scaling: [...record.debt.scaling, ...newTargets(record.debt, scaling)] };
    const isNew = !announced || JSON.stringify(parts) !== JSON.stringify(record.debt.parts);
    if (!isNew) return changes;
    await record.keep({ ...grown, undoCommand: wish.undoCommand(grown, table) });
    announce(record.debt);
    if (!announced) await suspend(work, scaling, record);
    announced = true;
    if (changes.length > 0) work.tell('raising', `raising ${allUnits(changes, table)}`);
    return changes;
  };
  const brought = await bringAbout(work, plan, (ask) => record.asking('parts', ask));
  if (brought.kind !== 'there') return false;
  if (announced) {
    await record.settle();
    work.tell('raised', 'the capacity is raised');
  }
  return true;
}

/** What is owed, on disk before each request with the time of that request. */
class RaiseRecord {
  readonly #clock: Clock;
  readonly #store: DebtStore;
  #debt: CapacityDebt;
  /** A request without an answer may show even after a later one holds. */
  #isInDoubt: boolean;

  constructor(clock: Clock, store: DebtStore, debt: CapacityDebt) {
    this.#clock = clock;
    this.#store = store;
    const isEmpty = debt.parts.length === 0 && debt.scaling.length === 0;
    const isSettled = isEmpty || debt.mayShowLate === 'nothing';
    // The last request of an earlier process may still be under way, and this one may ask for nothing.
    this.#debt = { ...debt, mayShowLate: isSettled ? 'nothing' : undefined };
    this.#isInDoubt = !isSettled;
  }

  get debt(): CapacityDebt {
    return this.#debt;
  }

  async keep(debt: CapacityDebt): Promise<void> {
    await this.#store.save(debt);
    this.#debt = debt;
  }

  /**
   * A request that gets no answer may show late; one that the service refuses leaves things as they were. `showsIn`: where
   * it shows that it has taken effect; the write units of the parts do not show what became of auto scaling.
   */
  async asking<T extends { readonly kind: string }>(showsIn: 'parts' | 'scaling', ask: () => Promise<T>): Promise<T> {
    const before = this.#debt;
    const since = new Date(this.#clock.wallMs()).toISOString();
    await this.keep({
      ...before,
      since,
      mayShowLate: this.#isInDoubt || showsIn === 'scaling' ? undefined : 'last-request',
    });
    try {
      const answer = await ask();
      if (answer.kind !== 'taken') await this.keep(before);
      return answer;
    } catch (error) {
      if (!isRefusal(error)) this.#isInDoubt = true;
      // What the service says matters more than a disk that fails as well: at worst a restore waits.
      else await this.keep(before).catch(() => undefined);
      throw error;
    }
  }

  async settle(): Promise<void> {
    if (!this.#isInDoubt && this.#debt.mayShowLate !== 'nothing')
      await this.keep({ ...this.#debt, mayShowLate: 'nothing' });
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ImportError && error.code !== 'endpoint-unreachable';
}

async function suspend(work: CapacityWork, scaling: readonly ScalingTarget[], record: RaiseRecord): Promise<void> {
  for (const { index } of scaling) {
    const ask = async () => {
      await work.capacity.suspendScaling(index, allSuspended);
      return { kind: 'taken' };
    };
    await patiently(work, () => record.asking('scaling', ask));
  }
}

/** Targets that are known already were found suspended by this run. */
function newTargets(debt: CapacityDebt, scaling: readonly ScalingTarget[]): readonly ScalingTarget[] {
  return scaling.filter(({ index }) => !debt.scaling.some((known) => known.index === index));
}
