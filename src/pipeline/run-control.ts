/** Whether the run goes on. It stops on the operator's signal and on a fault. */
export class RunControl {
  #fault: unknown;
  #failed = false;
  #interrupted = false;
  readonly #onStop: (() => void)[] = [];
  #wake: (() => void) | undefined;
  readonly #stopper = new AbortController();

  constructor(signal: AbortSignal) {
    const interrupt = () => {
      this.#interrupted = true;
      this.#stop();
    };
    if (signal.aborted) interrupt();
    else signal.addEventListener('abort', interrupt, { once: true });
  }

  get stopped(): boolean {
    return this.#failed || this.#interrupted;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** The first fault. Later ones follow from it. */
  get fault(): unknown {
    return this.#fault;
  }

  /** Aborted when the run stops, so that sleepers wake. */
  get signal(): AbortSignal {
    return this.#stopper.signal;
  }

  onStop(callback: () => void): void {
    this.#onStop.push(callback);
    if (this.stopped) callback();
  }

  fail(fault: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#fault = fault;
    this.#stop();
  }

  /** Resolves as the promise does, or with undefined as soon as the run stops. Leaves no listener. One call at a time. */
  async unlessStopped<T>(promise: Promise<T>): Promise<T | undefined> {
    if (this.stopped) {
      promise.catch(() => {});
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(undefined);
      promise.then(resolve, reject);
    });
  }

  #stop(): void {
    this.#wake?.();
    this.#stopper.abort();
    for (const callback of this.#onStop) callback();
  }
}
