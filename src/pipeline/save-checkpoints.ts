import type { RunningHash } from '../input/source-hash.ts';
import type { CheckpointStore } from '../ports/checkpoint-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { RejectSink } from '../ports/reject-sink.ts';
import type { RunObserver } from '../ports/run-observer.ts';
import type { CheckpointTracker } from './checkpoint-tracker.ts';
import type { RunControl } from './run-control.ts';

const intervalMs = 1000;
/** Rejects held in memory before a checkpoint is made out of turn. */
const manyRejectBytes = 4 * 1024 * 1024;

type CheckpointSaverSetup = {
  readonly tracker: CheckpointTracker;
  readonly hash: RunningHash;
  /** Both absent in a rehearsal without a run directory. */
  readonly rejects: RejectSink | undefined;
  readonly store: CheckpointStore | undefined;
  readonly clock: Clock;
  readonly observer: RunObserver;
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

  constructor(setup: CheckpointSaverSetup) {
    this.#setup = setup;
  }

  start(): void {
    if (this.#closed) return;
    this.#cancelTimer = this.#setup.clock.setTimer(intervalMs, () => {
      const saving = this.#setup.tracker.hasUnsaved ? this.#save(false) : this.#saving;
      void Promise.resolve(saving).then(() => this.start());
    });
  }

  /** To be called whenever rows were done: where many were, they don't wait for the next interval. */
  saveIfDue(): void {
    const { hasUnsaved, unsavedRejectBytes, crowdedByUnsaved } = this.#setup.tracker;
    if (hasUnsaved && (crowdedByUnsaved || unsavedRejectBytes >= manyRejectBytes)) void this.#save(false);
  }

  /** The last one, whether or not a row was done since. `settled`: no write can still be under way. */
  async close(settled: boolean): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    await this.#saving;
    await this.#save(settled);
    await this.#tellRejectsAhead();
  }

  /** For the operator, who looks for all rejects in the files; a resume cuts these off, and comes by their rows again. */
  async #tellRejectsAhead(): Promise<void> {
    const { rejects, tracker, control } = this.#setup;
    if (this.#failed || rejects === undefined || tracker.rejectsAhead.length === 0) return;
    try {
      await rejects.append(tracker.rejectsAhead);
      await rejects.sync();
    } catch (error) {
      control.fail(error);
    }
  }

  #save(settled: boolean): Promise<void> {
    // After a fault the rejects that were taken are gone: a later mark must not be saved without them.
    if (this.#failed) return Promise.resolve();
    this.#saving ??= this.#saveOnce(settled)
      .catch((error: unknown) => {
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
    const { tracker, hash, rejects, store, observer } = this.#setup;
    const taken = tracker.takePassed();
    const { mark, counts, rejectsByCode, rejects: passed } = taken;
    if (passed.length > 0) await rejects?.append(passed);
    const lengths = (await rejects?.sync()) ?? { rowsBytes: 0, reasonsBytes: 0 };
    await store?.save({ mark, counts, rejectsByCode, hash: hash.below(mark), rejects: lengths, settled });
    tracker.saved(taken);
    observer.on({ kind: 'checkpointed', mark });
  }
}
