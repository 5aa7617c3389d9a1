import pLimit, { type LimitFunction } from 'p-limit';

/** Ends a task, or goes on with what has to wait: the task ends with that, then. */
export type EndTask = (goOn?: () => Promise<void>) => void;

/** Runs tasks, `concurrency` at most at once. It queues none: ask `hasSlot` first. */
export class WorkerPool {
  readonly #limit: LimitFunction;
  readonly #onFree: () => void;
  readonly #onFault: (fault: unknown) => void;
  #running = 0;
  #idle: (() => void) | undefined;

  /** `onFree` is called after each task, `onFault` where one throws, or what it went on with rejects. */
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

  /** Starts a task in a free slot. Most tasks never wait, and so cost no promise. */
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
