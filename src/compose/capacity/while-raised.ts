import { RaiseFile } from '../../adapters/file/run/run-stores.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { exitCodes, ImportError } from '../../domain/import-error.ts';
import type { CapacityEnding } from '../../domain/run-summary.ts';
import type { CapacityRaise, TableInfo } from '../../domain/table.ts';
import { planRestore, withChanges } from '../../limit/plan-capacity.ts';
import type { CapacityWork } from '../../pipeline/capacity/apply-changes.ts';
import { raiseCapacity } from '../../pipeline/capacity/raise-capacity.ts';
import { type Restored, restoreCapacity } from '../../pipeline/capacity/restore-capacity.ts';
import type { ImportResult } from '../../pipeline/import-setup.ts';
import type { RunObserver } from '../../ports/run-observer.ts';
import { suspendScalingCommand, updateTableCommand } from '../../report/aws-commands.ts';
import { restoreCommand } from '../shell-command.ts';
import type { Surroundings } from '../surroundings.ts';
import type { PreparedRaise } from './prepare-raise.ts';
import { capacityEnding, stillRaisedFault } from './restore-raise.ts';

type RaiseSurroundings = Pick<Surroundings, 'cwd' | 'signal' | 'warn' | 'lastWords'>;

/**
 * Runs `work` while the capacity is raised, and restores it on every way out. Throws ImportError if it cannot be raised,
 * and what `work` throws.
 * @param folder the run directory; only a rehearsal has none, and that raises nothing
 */
export async function whileRaised(
  prepared: PreparedRaise | undefined,
  folder: string | undefined,
  observer: RunObserver,
  surroundings: RaiseSurroundings,
  work: () => Promise<ImportResult>,
): Promise<{ result: ImportResult; capacity: CapacityEnding | undefined }> {
  if (prepared === undefined) return { result: await work(), capacity: undefined };
  const keeper = new RaiseKeeper(prepared, folder!, observer, surroundings);
  let result: ImportResult;
  try {
    if (prepared.isNeeded && !(await keeper.raise())) throw surroundings.signal.reason;
    result = await work();
  } catch (fault) {
    const capacity = await keeper.end(false);
    const isBug = !(fault instanceof ImportError) && fault !== surroundings.signal.reason;
    if (capacity?.state === 'still-raised' && !isBug) throw stillRaisedFault(fault, capacity);
    throw fault;
  }
  // With no row of the source left, there is no resume to keep it raised for.
  return { result, capacity: await keeper.end(result.finished && result.endOfSource) };
}

/** The raise of one run, from its record on disk until it is restored. */
class RaiseKeeper {
  readonly #prepared: PreparedRaise;
  readonly #folder: string;
  readonly #surroundings: RaiseSurroundings;
  readonly #restoreCommand: string;
  readonly #store: RaiseFile;
  readonly #work: CapacityWork;
  #raised: CapacityRaise | undefined;

  constructor(prepared: PreparedRaise, folder: string, observer: RunObserver, surroundings: RaiseSurroundings) {
    const { capacity, timeoutMs, raised } = prepared;
    this.#prepared = prepared;
    this.#folder = folder;
    this.#surroundings = surroundings;
    this.#restoreCommand = restoreCommand(folder, surroundings);
    this.#store = new RaiseFile(folder);
    this.#raised = raised.parts.length > 0 || raised.scaling.length > 0 ? raised : undefined;
    const tell: CapacityWork['tell'] = (change, text) => observer.on({ kind: 'capacity-changed', change, text });
    this.#work = { capacity, clock: systemClock, timeoutMs, tell };
  }

  /** False if the signal came before the capacity was there. */
  raise(): Promise<boolean> {
    const { writeUnits, raised, scaling } = this.#prepared;
    const store = {
      save: async (raise: CapacityRaise) => {
        await this.#store.save(raise);
        this.#raised = raise;
      },
      clear: () => this.#store.clear(),
    };
    return raiseCapacity(
      { ...this.#work, signal: this.#surroundings.signal },
      { writeUnits, raise: raised, scaling, undoCommand: (raise, table) => this.#undoCommand(raise, table) },
      store,
      (raise) => this.#announce(raise),
    );
  }

  /** Restores what is raised, or says that it is kept. Throws only bugs. */
  async end(complete: boolean): Promise<CapacityEnding | undefined> {
    const raised = this.#raised;
    if (raised === undefined) return undefined;
    const command = this.#restoreCommand;
    if (this.#prepared.keepRaised && !complete) {
      this.#work.tell('kept', `the capacity stays raised for the resume; to restore it: ${command}`);
      this.#surroundings.lastWords?.(undefined);
      return { ...capacityEnding(raised, { unrestored: raised, leftAlone: [] }, command), state: 'kept' };
    }
    const restored = await this.#restore(raised);
    this.#surroundings.lastWords?.(undefined);
    if (restored.unrestored !== undefined) {
      const why = restored.fault?.message ?? 'it was not restored';
      this.#work.tell('still-raised', `the capacity is STILL RAISED: ${why}`);
    }
    return capacityEnding(raised, restored, command);
  }

  /** A disk that fails at the very end must not hide what became of the capacity. */
  async #restore(raised: CapacityRaise): Promise<Restored> {
    let onDisk = true;
    const lose = () => {
      onDisk = false;
    };
    const store = {
      save: (rest: CapacityRaise) => this.#store.save(rest).catch(lose),
      clear: () => this.#store.clear().catch(lose),
    };
    const restored = await restoreCapacity(this.#work, raised, store);
    if (!onDisk) this.#surroundings.warn(`cannot write to ${this.#folder}: its capacity.json is out of date`);
    return restored;
  }

  #announce({ undoCommand }: CapacityRaise): void {
    this.#work.tell(
      'recorded',
      `capacity.json in ${this.#folder} records what to restore; to restore it by hand: ${undoCommand}`,
    );
    this.#surroundings.lastWords?.({
      message: 'the capacity is STILL RAISED, or being raised',
      hint: `Restore it: ${this.#restoreCommand}\nor, from any machine: ${undoCommand}`,
      exitCode: exitCodes.capacityRaised,
    });
  }

  /** The shell command that restores `raise`, on the table as the run leaves it. */
  #undoCommand({ parts, scaling }: CapacityRaise, table: TableInfo): string {
    const { place } = this.#prepared;
    const raised = parts.map(({ index, raisedWriteUnits }) => ({ index, writeUnits: raisedWriteUnits }));
    const { changes } = planRestore(withChanges(table, raised), parts);
    return [
      ...(changes.length === 0 ? [] : [updateTableCommand(place, changes)]),
      ...scaling.map(({ index, suspended }) => suspendScalingCommand(place, index, suspended)),
    ].join(' && ');
  }
}
