import type { Clock } from '../../src/ports/clock.ts';

type Timer = { readonly dueMs: number; readonly callback: () => void };

/** A clock that stands still until a test advances it. Timers fire in the order they fall due, then as they were set. */
export class FakeClock implements Clock {
  #nowMs = 0;
  readonly #wallStartMs: number;
  readonly #timers = new Set<Timer>();

  constructor(options: { readonly wallStartMs?: number } = {}) {
    this.#wallStartMs = options.wallStartMs ?? Date.UTC(2026, 0, 1);
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#wallStartMs + this.#nowMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = () => {
        cancel();
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const cancel = this.setTimer(delayMs, wake);
      signal?.addEventListener('abort', wake);
    });
  }

  /** Number of timers that are set and have not fired. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Moves time on, stopping at each timer that falls due so that what it wakes can run. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs;
    await turn();
    for (let timer = this.#next(); timer !== undefined && timer.dueMs <= untilMs; timer = this.#next()) {
      await this.#fire(timer);
    }
    this.#nowMs = untilMs;
  }

  /** Jumps from timer to timer until the promise settles. Throws when no timer is left to settle it. */
  async runUntil<Value>(promise: Promise<Value>): Promise<Value> {
    let settled = false;
    const done = () => {
      settled = true;
    };
    promise.then(done, done);
    await turn();
    while (!settled) {
      const timer = this.#next();
      if (timer === undefined) throw new Error(`nothing is left to happen after ${this.#nowMs} ms`);
      await this.#fire(timer);
    }
    return promise;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.dueMs < next.dueMs) next = timer;
    return next;
  }

  async #fire(timer: Timer): Promise<void> {
    this.#timers.delete(timer);
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.callback();
    await turn();
  }
}

/** Runs every promise chain that does not wait for the outside world. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
