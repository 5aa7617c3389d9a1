import type { Clock } from '../../../src/ports/clock.ts';

/** A clock on which pauses take no time, and timers fire only when a test says so. */
export class WaitingClock implements Clock {
  readonly #timers = new Set<() => void>();
  /** Pauses that were asked for, in ms. */
  readonly pausesMs: number[] = [];

  nowMs(): number {
    return 0;
  }

  wallMs(): number {
    return Date.UTC(2026, 0, 1);
  }

  setTimer(_delayMs: number, callback: () => void): () => void {
    this.#timers.add(callback);
    return () => this.#timers.delete(callback);
  }

  async sleep(delayMs: number): Promise<void> {
    this.pausesMs.push(delayMs);
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Fires all timers that are set. */
  fire(): void {
    const due = [...this.#timers];
    this.#timers.clear();
    for (const callback of due) callback();
  }
}
