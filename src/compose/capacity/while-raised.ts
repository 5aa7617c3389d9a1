import { DebtFile } from '../../adapters/file/run/raise-file.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { CapacityEnding } from '../../domain/run-summary.ts';
import type { TableInfo } from '../../domain/table.ts';
import type { CapacityDebt } from '../../domain/write-capacity.ts';
import { withChanges } from '../../limit/plan-raise.ts';
import { planRestore } from '../../limit/plan-restore.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { CapacityWork } from '../../pipeline/capacity/apply-changes.ts';
import { raiseCapacity } from '../../pipeline/capacity/raise-capacity.ts';
import { type Restored, restoreCapacity } from '../../pipeline/capacity/restore-capacity.ts';
import type { ImportResult } from '../../pipeline/run-import.ts';
import type { RunObserver } from '../../ports/run-observer.ts';
import { type AwsPlace, suspendScalingCommand, updateTableCommand } from '../../report/aws-commands.ts';
import { restoreCommand } from '../shell-command.ts';
import type { Surroundings } from '../surroundings.ts';
import { capacityEnding, owedBesides } from './capacity-ending.ts';
import { type PreparedRaise, updateTimeoutMs } from './prepare-raise.ts';

type RaisedRun = {
  readonly options: ImportOptions;
  readonly world: Pick<Surroundings, 'cwd' | 'signal' | 'warn' | 'lastWords'>;
  /** The run directory, where it is kept what is owed. */
  readonly folder: string | undefined;
  readonly observer: RunObserver;
};

/**
 * Does the work while the capacity is raised, and puts it back on every way out. Throws ImportError where it can't be
 * raised, and what the work throws.
 */
export async function whileRaised(
  raise: PreparedRaise | undefined,
  run: RaisedRun,
  work: () => Promise<ImportResult>,
): Promise<{ result: ImportResult; capacity: CapacityEnding | undefined }> {
  if (raise === undefined) return { result: await work(), capacity: undefined };
  const keeper = new CapacityKeeper(raise, run);
  let result: ImportResult;
  try {
    if (raise.isNeeded && !(await keeper.raise())) throw run.world.signal.reason;
    result = await work();
  } catch (fault) {
    const capacity = await keeper.end(false);
    const isBug = !(fault instanceof ImportError) && fault !== run.world.signal.reason;
    if (capacity?.state === 'owed' && !isBug) throw owedBesides(fault, capacity);
    throw fault;
  }
  // With nothing of the source left, there is no resume to keep it raised for.
  return { result, capacity: await keeper.end(result.finished && result.endOfSource) };
}

/** The raise of one run, from its record on disk to its end. */
class CapacityKeeper {
  readonly #raise: PreparedRaise;
  readonly #run: RaisedRun;
  readonly #folder: string;
  readonly #restoreCommand: string;
  readonly #store: DebtFile;
  readonly #work: CapacityWork;
  #debt: CapacityDebt | undefined;

  constructor(raise: PreparedRaise, run: RaisedRun) {
    this.#raise = raise;
    this.#run = run;
    // Only a rehearsal has no folder, and that raises nothing.
    this.#folder = run.folder!;
    this.#restoreCommand = restoreCommand(this.#folder, run.world);
    this.#store = new DebtFile(this.#folder);
    this.#debt = raise.debt.parts.length > 0 || raise.debt.scaling.length > 0 ? raise.debt : undefined;
    const { options } = run;
    this.#work = {
      ...{ capacity: raise.capacity, clock: systemClock, timeoutMs: updateTimeoutMs(options) },
      tell: (change, text) => run.observer.on({ kind: 'capacity-changed', change, text }),
    };
  }

  /** False where the signal came before the capacity was there. */
  raise(): Promise<boolean> {
    const { writeUnits, debt, scaling, place } = this.#raise;
    const work = { ...this.#work, signal: this.#run.world.signal };
    const wish = { writeUnits, debt, scaling, undoCommand: undoCommand.bind(undefined, place) };
    const store = {
      save: async (owed: CapacityDebt) => {
        await this.#store.save(owed);
        this.#debt = owed;
      },
      clear: () => this.#store.clear(),
    };
    return raiseCapacity(work, wish, store, (owed) => this.#announce(owed));
  }

  /** Puts back what is owed, or says that it is kept. Does not throw but for a bug. */
  async end(complete: boolean): Promise<CapacityEnding | undefined> {
    const debt = this.#debt;
    if (debt === undefined) return undefined;
    const facts = { restoreCommand: this.#restoreCommand };
    if (this.#run.options.keepRaised && !complete) {
      this.#work.tell('kept', `the capacity stays raised for the resume; to put it back: ${facts.restoreCommand}`);
      this.#run.world.lastWords?.(undefined);
      return capacityEnding(debt, { foreign: [] }, { ...facts, kept: true });
    }
    const restored = await this.#restore(debt);
    this.#run.world.lastWords?.(undefined);
    if (restored.owed !== undefined) {
      this.#work.tell('owed', `the capacity is STILL RAISED: ${restored.fault?.message ?? 'it was not put back'}`);
    }
    return capacityEnding(debt, restored, facts);
  }

  /** A disk that fails at the very end must not hide what became of the capacity. */
  async #restore(debt: CapacityDebt): Promise<Restored> {
    let onDisk = true;
    const lose = () => {
      onDisk = false;
    };
    const store = {
      save: (rest: CapacityDebt) => this.#store.save(rest).catch(lose),
      clear: () => this.#store.clear().catch(lose),
    };
    const restored = await restoreCapacity(this.#work, debt, store);
    if (!onDisk) this.#run.world.warn(`${this.#folder} could not be written: its capacity.json is out of date`);
    return restored;
  }

  #announce(debt: CapacityDebt): void {
    this.#work.tell(
      'recorded',
      `capacity.json in ${this.#folder} keeps what is to be put back; by hand: ${debt.undoCommand}`,
    );
    this.#run.world.lastWords?.({
      message: 'the capacity is STILL RAISED, or on its way',
      hint: `put it back: ${this.#restoreCommand}\nor, from any machine: ${debt.undoCommand}`,
      exitCode: 6,
    });
  }
}

/** The verbatim commands that put back what is owed, on a table as the run leaves it. */
function undoCommand(place: AwsPlace, debt: CapacityDebt, table: TableInfo): string {
  const raised = debt.parts.map(({ index, raisedWriteUnits }) => ({ index, writeUnits: raisedWriteUnits }));
  const { changes } = planRestore(withChanges(table, raised), debt.parts);
  return [
    ...(changes.length === 0 ? [] : [updateTableCommand(place, changes)]),
    ...debt.scaling.map(({ index, suspended }) => suspendScalingCommand(place, index, suspended)),
  ].join(' && ');
}
