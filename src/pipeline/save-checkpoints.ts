import type { RejectedRow } from '../domain/row.ts';
import type { ImportSetup } from './import-setup.ts';
import type { Ledger } from './ledger.ts';
import type { RunControl } from './run-control.ts';

const intervalMs = 1000;
/** How often the last checkpoint is tried where no file can be opened. */
const lastTries = 10;
/** Rejects held in memory before a checkpoint is made out of turn. */
const manyRejectBytes = 4 * 1024 * 1024;

type CheckpointSaverSetup = Pick<ImportSetup, 'hash' | 'rejects' | 'store' | 'clock' | 'observer'> & {
  readonly ledger: Ledger;
  readonly control: RunControl;
};

/**
 * Saves the mark once a second, off the path of the rows: the rejects below it first, then the mark. A mark that has
 * not moved has nothing to save, however many rejects lie above it.
 */
export class CheckpointSaver {
  readonly #setup: CheckpointSaverSetup;
  #saving: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #closed = false;
  #failed = false;
  /** Set where no file could be opened: the next try is that of the timer. */
  #waitsForFiles = false;
  /** Rejects that were taken and are not in the files, and those that no mark has been saved with. */
  #unappended: readonly RejectedRow[] = [];
  #unsaved: readonly RejectedRow[] = [];

  constructor(setup: CheckpointSaverSetup) {
    this.#setup = setup;
  }

  start(): void {
    if (this.#closed) return;
    this.#cancelTimer = this.#setup.clock.setTimer(intervalMs, () => {
      this.#waitsForFiles = false;
      const saving = this.#setup.ledger.hasUnsaved ? this.#save(false) : this.#saving;
      void Promise.resolve(saving).then(() => this.start());
    });
  }

  /** To be called whenever rows were done: where many were, they don't wait for the next interval. */
  saveIfDue(): void {
    const { hasUnsaved, unsavedRejectBytes, crowdedByUnsaved } = this.#setup.ledger;
    if (this.#waitsForFiles) return;
    if (hasUnsaved && (crowdedByUnsaved || unsavedRejectBytes >= manyRejectBytes)) void this.#save(false);
  }

  /** The last one, whether or not a row was done since. `settled`: no write can still be under way. */
  async saveLast(settled: boolean): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    await this.#saving;
    const { clock } = this.#setup;
    for (let tries = 1; tries <= lastTries; tries++) {
      this.#waitsForFiles = false;
      await this.#save(settled, tries < lastTries);
      if (!this.#waitsForFiles) break;
      await clock.sleep(intervalMs);
    }
    await this.#tellRejectsAhead();
  }

  /** For the operator, who looks for all rejects in the files; a resume cuts these off, and comes by their rows again. */
  async #tellRejectsAhead(): Promise<void> {
    const { rejects, ledger, control } = this.#setup;
    if (this.#failed || rejects === undefined || ledger.rejectsAhead.length === 0) return;
    try {
      await rejects.append(ledger.rejectsAhead);
      await rejects.sync();
    } catch (error) {
      control.fail(error);
    }
  }

  #save(settled: boolean, mayWait = true): Promise<void> {
    // After a fault the rejects that were taken are gone: a later mark must not be saved without them.
    if (this.#failed) return Promise.resolve();
    this.#saving ??= this.#saveOnce(settled)
      .catch((error: unknown) => {
        if (mayWait && isOutOfFiles(error)) {
          this.#waitsForFiles = true;
          return;
        }
        this.#failed = true;
        this.#setup.control.fail(error);
      })
      .finally(() => {
        this.#saving = undefined;
        if (!this.#closed) this.saveIfDue();
      });
    return this.#saving;
  }

  async #saveOnce(settled: boolean): Promise<void> {
    const { ledger, hash, rejects, store, observer } = this.#setup;
    const taken = ledger.takePassed();
    const { mark, counts, rejectsByCode, neverDeleted } = taken;
    this.#unappended = [...this.#unappended, ...taken.rejects];
    this.#unsaved = [...this.#unsaved, ...taken.rejects];
    if (this.#unappended.length > 0) await rejects?.append(this.#unappended);
    this.#unappended = [];
    const lengths = (await rejects?.sync()) ?? { rowsBytes: 0, reasonsBytes: 0 };
    await store?.save({
      mark,
      counts,
      rejectsByCode,
      ...(neverDeleted > 0 && { neverDeleted }),
      hash: hash.below(mark),
      rejects: lengths,
      settled,
    });
    ledger.saved({ mark, rejects: this.#unsaved });
    this.#unsaved = [];
    observer.on({ kind: 'checkpointed', mark });
  }
}

/** Every file descriptor of the process, or of the machine, is taken: that passes. */
function isOutOfFiles(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
  return code === 'EMFILE' || code === 'ENFILE';
}
