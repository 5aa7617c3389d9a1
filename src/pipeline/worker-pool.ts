import pLimit, { type LimitFunction } from 'p-limit';

/** Runs tasks, `concurrency` at most at once. It queues none: ask `hasSlot` first. */
export class WorkerPool {
  readonly #limit: LimitFunction;
  readonly #onFree: () => void;
  #running = 0;
  #idle: (() => void) | undefined;

  /** `onFree` is called after each task. */
  constructor(concurrency: number, onFree: () => void) {
    this.#limit = pLimit(concurrency);
    this.#onFree = onFree;
  }

  get inFlight(): number {
    return this.#running;
  }

  get hasSlot(): boolean {
    return this.#running < this.#limit.concurrency;
  }

  /** Starts a task in a free slot; the task must not reject. */
  start(task: () => Promise<void>): void {
    this.#running++;
    void this.#limit(task).then(() => {
      this.#running--;
      this.#onFree();
      if (this.#running === 0) this.#idle?.();
    });
  }

  /** Resolves when no task is left. */
  async drained(): Promise<void> {
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }
}
