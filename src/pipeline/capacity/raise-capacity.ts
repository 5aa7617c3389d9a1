import { ImportError } from '../../domain/import-error.ts';
import { allSuspended, type CapacityRaise, type ScalingTarget, type TableInfo } from '../../domain/table.ts';
import { planRaise } from '../../limit/plan-capacity.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RaiseStore } from '../../ports/run-stores.ts';
import { allUnits, applyChanges, type CapacityWork, retryUnreachable } from './apply-changes.ts';

type RaiseRequest = {
  readonly writeUnits: number;
  /** What an earlier process of the run left raised, or a raise of nothing yet. */
  readonly raise: CapacityRaise;
  /** Auto scaling that would undo the raise. */
  readonly scaling: readonly ScalingTarget[];
  /** The shell command that restores everything, kept with the raise. */
  undoCommand(raise: CapacityRaise, table: TableInfo): string;
};

/**
 * Raises the table and its indexes, and resolves when that has taken effect; false if the signal aborts before. What has
 * to be restored is in the store, and told by `announce`, before each request. Throws ImportError.
 */
export async function raiseCapacity(
  work: CapacityWork,
  request: RaiseRequest,
  store: RaiseStore,
  announce: (raise: CapacityRaise) => void,
): Promise<boolean> {
  const { writeUnits, scaling } = request;
  const record = new RaiseRecord(work.clock, store, request.raise);
  let announced = false;
  const plan = async (table: TableInfo) => {
    const { changes, parts } = planRaise(table, writeUnits, record.raise.parts);
    if (parts.length === 0) return changes;
    const grown = { ...record.raise, parts, scaling: [...record.raise.scaling, ...newTargets(record.raise, scaling)] };
    const isNew = !announced || JSON.stringify(parts) !== JSON.stringify(record.raise.parts);
    if (!isNew) return changes;
    await record.keep({ ...grown, undoCommand: request.undoCommand(grown, table) });
    announce(record.raise);
    if (!announced) await suspend(work, scaling, record);
    announced = true;
    if (changes.length > 0) work.tell('raising', `raising ${allUnits(changes, table)}`);
    return changes;
  };
  const applied = await applyChanges(work, plan, (ask) => record.asking('parts', ask));
  if (applied.kind !== 'done') return false;
  if (announced) {
    await record.markShown();
    work.tell('raised', 'the capacity is raised');
  }
  return true;
}

/** What has to be restored, on disk before each request with the time of that request. */
class RaiseRecord {
  readonly #clock: Clock;
  readonly #store: RaiseStore;
  #raise: CapacityRaise;
  /** A request without an answer may take effect even after a later one. */
  #isInDoubt: boolean;

  constructor(clock: Clock, store: RaiseStore, raise: CapacityRaise) {
    this.#clock = clock;
    this.#store = store;
    const isEmpty = raise.parts.length === 0 && raise.scaling.length === 0;
    const isSettled = isEmpty || raise.mayShowLate === 'nothing';
    // The last request of an earlier process may still be under way, and this process may make none.
    this.#raise = { ...raise, mayShowLate: isSettled ? 'nothing' : undefined };
    this.#isInDoubt = !isSettled;
  }

  get raise(): CapacityRaise {
    return this.#raise;
  }

  async keep(raise: CapacityRaise): Promise<void> {
    await this.#store.save(raise);
    this.#raise = raise;
  }

  /**
   * A request that gets no answer may take effect late; one that the service refuses changes nothing. `showsIn`: where it
   * can be seen to have taken effect; write units do not tell whether auto scaling was suspended.
   */
  async asking<T extends { readonly kind: string }>(showsIn: 'parts' | 'scaling', ask: () => Promise<T>): Promise<T> {
    const before = this.#raise;
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
      // The service's fault matters more than a disk that fails as well: at worst a restore waits.
      else await this.keep(before).catch(() => undefined);
      throw error;
    }
  }

  /** Everything requested has taken effect. */
  async markShown(): Promise<void> {
    if (!this.#isInDoubt && this.#raise.mayShowLate !== 'nothing')
      await this.keep({ ...this.#raise, mayShowLate: 'nothing' });
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
    await retryUnreachable(work, () => record.asking('scaling', ask));
  }
}

/** A target that is known already was suspended by this run. */
function newTargets(raise: CapacityRaise, scaling: readonly ScalingTarget[]): readonly ScalingTarget[] {
  return scaling.filter(({ index }) => !raise.scaling.some((known) => known.index === index));
}
