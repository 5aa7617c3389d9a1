import pLimit, { type LimitFunction } from 'p-limit';

/** Ends a task. `goOn`: what is left of it and has to wait; the task then ends when that resolves. */
export type EndTask = (goOn?: () => Promise<void>) => void;

/**
 * Runs at most `concurrency` tasks at once, and queues none: ask `hasSlot` first. A task that has to wait, such as a batch
 * that is retried, goes on in p-limit. Most tasks never wait, and so cost no promise.
 */
export class WorkerPool {
  readonly #limit: LimitFunction;
  readonly #onFree: () => void;
  readonly #onFault: (fault: unknown) => void;
  #running = 0;
  #idle: (() => void) | undefined;

  /** `onFree` is called after each task, `onFault` if it throws or rejects. */
  constructor(concurrency: number, onFree: () => void, onFault: (fault: unknown) => void) {
    this.#limit = pLimit(concurrency);
    this.#onFree = onFree;
    this.#onFault = onFault;
  }

  get inFlight(): number {
    return this.#running;
  }

  get hasSlot(): boolean {
    return this.#running < this.#limit.concurrency;
  }

  /** Starts a task in a free slot. */
  start(task: (end: EndTask) => void): void {
    this.#running++;
    try {
      task(this.#end);
    } catch (fault) {
      this.#onFault(fault);
      this.#free();
    }
  }

  /** Resolves when no task is left. */
  async drained(): Promise<void> {
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  readonly #end: EndTask = (goOn) => {
    if (goOn === undefined) this.#free();
    else void this.#limit(goOn).catch(this.#onFault).then(this.#free);
  };

  readonly #free = (): void => {
    this.#running--;
    try {
      this.#onFree();
    } catch (fault) {
      this.#onFault(fault);
    }
    if (this.#running === 0) this.#idle?.();
  };
}
